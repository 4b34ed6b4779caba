package sim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// chunk is how many seeds one process plays at most.
	chunk = 250
	// seedTime is how long a process may go on without having finished a seed.
	seedTime = 2 * time.Minute
)

// playHere plays seeds, or a kept plan, in this process, saying which is in hand, and prints the totals.
func playHere(t *testing.T, first uint64, n int) {
	sum := newTotals()
	if *kept != "" {
		_, p, err := readKept(*kept)
		if err != nil {
			t.Fatal(err)
		}
		sum.add(run(t, p, false))
		n = 0
	}
	for i := range uint64(n) {
		fmt.Printf("playing %d\n", first+i)
		sum.add(run(t, makePlan(first+i, *theme), false))
		if *untilFirst && len(sum.Failures) > 0 {
			break
		}
	}
	text, err := json.Marshal(sum)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("totals %s\n", text)
}

// playInProcesses plays seeds in as many processes at a time as there are cores, each with one of them: goroutines that
// take turns want one.
func playInProcesses(t *testing.T, first uint64, n int) *totals {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return playWith(t, self, first, n, runtime.NumCPU())
}

// playWith plays seeds with a binary, which gets more arguments.
func playWith(t *testing.T, binary string, first uint64, n, processes int, more ...string) *totals {
	all := newTotals()
	var mu sync.Mutex
	var work sync.WaitGroup
	chunks := make(chan [2]uint64)
	size := uint64(min(chunk, (n+processes-1)/processes))
	for range processes {
		work.Go(func() {
			for c := range chunks {
				sum := playChunk(t, binary, c[0], c[1], more)
				mu.Lock()
				all.merge(sum)
				mu.Unlock()
			}
		})
	}
	for end, at := first+uint64(n), first; at < end; at += size {
		chunks <- [2]uint64{at, min(size, end-at)}
	}
	close(chunks)
	work.Wait()
	return all
}

// playChunk plays seeds in one process, or in more where a seed ends its process.
func playChunk(t *testing.T, binary string, first, n uint64, more []string) *totals {
	all := newTotals()
	for end := first + n; first < end; {
		sum, last, output := playProcess(t, binary, first, end-first, more)
		if sum != nil {
			all.merge(sum)
			return all
		}
		// The totals of the seeds before are lost, so they are played again, without the one that ended the process.
		if last > first {
			before, _, _ := playProcess(t, binary, first, last-first, more)
			if before != nil {
				all.merge(before)
			}
		}
		all.Seeds++
		all.Failures = append(all.Failures, seedFailure{last, invariantEnds, output})
		first = last + 1
	}
	return all
}

// playProcess runs one process. Without totals the seed that was last begun has ended it.
func playProcess(t *testing.T, binary string, first, n uint64, more []string) (sum *totals, last uint64, output string) {
	args := append([]string{
		"-test.run", "^TestSim$", "-test.timeout", "0", "-child", "-start", strconv.FormatUint(first, 10), "-seeds", strconv.FormatUint(n, 10),
	}, more...)
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=400")
	var errors, said bytes.Buffer // each written by one goroutine
	cmd.Stderr = &errors
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Error(err)
		return nil, first, err.Error()
	}
	if err := cmd.Start(); err != nil {
		t.Error(err)
		return nil, first, err.Error()
	}
	watchdog := time.AfterFunc(seedTime, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	last = first
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		line := lines.Text()
		if number, ok := strings.CutPrefix(line, "playing "); ok {
			watchdog.Reset(seedTime)
			last, _ = strconv.ParseUint(number, 10, 64)
		} else if text, ok := strings.CutPrefix(line, "totals "); ok {
			sum = newTotals()
			if err := json.Unmarshal([]byte(text), sum); err != nil {
				t.Error(err)
			}
		} else {
			said.WriteString(line + "\n")
		}
	}
	if err := cmd.Wait(); err != nil && sum == nil {
		text := errors.String() + said.String()
		return nil, last, fmt.Sprintf("%v\n%s", err, text[:min(len(text), 4000)])
	}
	return sum, last, ""
}
