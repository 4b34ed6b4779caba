//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"testing"
)

// TestMain removes the run's folder in the end. The logs are elsewhere, and stay.
func TestMain(m *testing.M) {
	code := m.Run()
	if err := os.RemoveAll(runDir()); err != nil {
		fmt.Fprintf(os.Stderr, "e2e: %v\n", err)
	}
	os.Exit(code)
}
