package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"rollcall/okta/oktasim"
)

// kills is how often the house is killed, mostKills how often at most where that has not hit every phase.
const (
	kills     = 10
	mostKills = 20
)

// killedHouse is a process of rollcall local.
type killedHouse struct {
	*testing.T
	cmd   *exec.Cmd
	items string
	url   string
}

func startHouse(t *testing.T, dir string) *killedHouse {
	t.Helper()
	cmd, line := start(t, "local", "--listen", "127.0.0.1:0", "--data", dir, "--output", "json",
		"--rate-limit", "0", "--cooldown", "0", "--latency", "60ms", "--import-time", "200ms")
	var said struct{ ItemsURL, OktaURL string }
	if err := json.Unmarshal(line, &said); err != nil {
		t.Fatal(err)
	}
	return &killedHouse{T: t, cmd: cmd, items: said.ItemsURL, url: said.OktaURL}
}

func (h *killedHouse) kill() {
	h.Helper()
	kill(h.T, h.cmd)
}

// send sends a request and returns the answer's body.
func (h *killedHouse) send(method, url string, body []byte) []byte {
	h.Helper()
	req, err := http.NewRequestWithContext(h.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		h.Fatalf("%s %s: %s %s %v", method, url, resp.Status, answer, err)
	}
	return answer
}

func (h *killedHouse) put(id, title string, active bool) {
	h.Helper()
	body, err := json.Marshal(map[string]any{"id": id, "active": active, "email": id + "@example.com", "first_name": "A", "last_name": "B", "title": title})
	if err != nil {
		h.Fatal(err)
	}
	h.send(http.MethodPut, h.items, body)
}

// differences compares Okta with what the table should make of it.
func (h *killedHouse) differences(want map[string]string) (wrong []string) {
	h.Helper()
	var users []struct {
		ExternalID, Status string
		Profile            map[string]string
	}
	if err := json.Unmarshal(h.send(http.MethodGet, h.url+"/sim/users", nil), &users); err != nil {
		h.Fatal(err)
	}
	seen := map[string]bool{}
	for _, u := range users {
		title, active := want[u.ExternalID]
		seen[u.ExternalID] = true
		if active != (u.Status == "ACTIVE") || active && u.Profile["title"] != title {
			wrong = append(wrong, fmt.Sprintf("%s is %s with title %q, want %q", u.ExternalID, u.Status, u.Profile["title"], title))
		}
	}
	for id := range want {
		if !seen[id] {
			wrong = append(wrong, id+" is not there")
		}
	}
	return wrong
}

// phases are what a session of the flush in hand goes through.
var phases = []oktasim.Status{oktasim.StatusCreated, oktasim.StatusInProgress, oktasim.StatusTriggered}

// lasts is how long a session is in a phase at least: a call takes 60 ms, and a new session gathers what else has come.
var lasts = map[oktasim.Status]time.Duration{
	oktasim.StatusCreated: 240 * time.Millisecond, oktasim.StatusInProgress: 50 * time.Millisecond, oktasim.StatusTriggered: 50 * time.Millisecond,
}

// untilPhase waits for the flusher to bring a session beyond the number seen as far as the phase. It may be further by the
// time this returns.
func (h *killedHouse) untilPhase(seen uint64, phase oktasim.Status) {
	h.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var sessions []oktasim.Session
		if err := json.Unmarshal(h.send(http.MethodGet, h.url+"/sim/sessions", nil), &sessions); err != nil {
			h.Fatal(err)
		}
		if n := len(sessions); n == 0 || sessions[n-1].Number <= seen {
			continue
		}
		// A status that is none of the phases is beyond them.
		if at := slices.Index(phases, sessions[len(sessions)-1].Status); at < 0 || at >= slices.Index(phases, phase) {
			return
		}
	}
	h.Fatalf("no session came to %s in 30 s", phase)
}

// atDeath returns the org's last session as the house left it in its folder.
func atDeath(t *testing.T, dir string, died time.Time) oktasim.Session {
	t.Helper()
	config := oktasim.DefaultConfig()
	config.Dir = filepath.Join(dir, "okta")
	config.Now = func() time.Time { return died } // nothing goes on after it
	org, err := oktasim.New(config)
	if err != nil {
		t.Fatal(err)
	}
	sessions := org.Sessions()
	if err := org.Close(); err != nil {
		t.Fatal(err)
	}
	return sessions[len(sessions)-1]
}

// TestKilledInTheMiddleOfAFlush kills rollcall local again and again while people change, in each phase of a session, and
// lets it go on: Okta must end equal to the table.
func TestKilledInTheMiddleOfAFlush(t *testing.T) {
	t.Setenv("ROLLCALL_GATHER_QUIET", "200ms")
	dir := t.TempDir()
	chance := rand.New(rand.NewPCG(1, 2))
	want := map[string]string{}
	hits := map[oktasim.Status]int{}
	missed := func() int {
		return slices.IndexFunc(phases, func(p oktasim.Status) bool { return hits[p] == 0 })
	}
	h, seen := startHouse(t, dir), uint64(0)
	for round := 0; round < kills || missed() >= 0 && round < mostKills; round++ {
		for i := range 5 {
			id := fmt.Sprintf("p%02d", chance.IntN(25))
			title := fmt.Sprintf("round %d.%d", round, i)
			if chance.IntN(6) == 0 {
				h.put(id, title, false)
				delete(want, id)
				continue
			}
			h.put(id, title, true)
			want[id] = title
		}
		phase := phases[round%len(phases)]
		if round >= kills {
			phase = phases[missed()]
		}
		h.untilPhase(seen, phase)
		time.Sleep(time.Duration(chance.Int64N(int64(lasts[phase]))))
		h.kill()
		last := atDeath(t, dir, time.Now())
		t.Logf("killed in %s, loads: %d", last.Status, last.Loads)
		hits[last.Status]++
		seen = last.Number
		h = startHouse(t, dir)
	}
	t.Logf("killed in %v", hits)
	if at := missed(); at >= 0 {
		t.Errorf("killed in %v, and never in %s", hits, phases[at])
	}
	h.untilEqual(want)
	if err := h.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Wait(); err != nil {
		t.Errorf("Ctrl-C ended it with %v", err)
	}
}
