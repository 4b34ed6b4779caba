//go:build e2e

package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"testing"
)

// ports are those that servers get: from 20,000 on, below and above the range of which the kernel takes ports for
// outgoing connections, which may take any port there before the server listens on it.
const firstPort, endPort = 20_000, 65_536

// FreePort reserves a TCP port of loopback for the test, also while nobody listens on it: another run of these tests on
// this machine does not get it, and no connection does.
func FreePort(t *testing.T) int {
	t.Helper()
	low, high := ephemeralPorts(t)
	for range 1000 {
		port := firstPort + rand.IntN(endPort-firstPort)
		if low <= port && port <= high {
			continue
		}
		// A name among sockets that ends with its process, unlike a file.
		reserved, err := net.Listen("unix", fmt.Sprintf("@rollcall-e2e-port-%d", port))
		if err != nil {
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			reserved.Close()
			continue
		}
		l.Close()
		t.Cleanup(func() { reserved.Close() })
		return port
	}
	t.Fatalf("missing: a free port from %d on outside of %d to %d, the range for outgoing connections", firstPort, low, high)
	return 0
}

// ephemeralPorts returns the first and the last port that the kernel takes for outgoing connections.
func ephemeralPorts(t *testing.T) (low, high int) {
	t.Helper()
	const file = "/proc/sys/net/ipv4/ip_local_port_range"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("missing: Linux, whose range of ports for outgoing connections is in %s: %v", file, err)
	}
	if _, err := fmt.Sscan(string(text), &low, &high); err != nil {
		t.Fatalf("read %s: %v", file, err)
	}
	return low, high
}
