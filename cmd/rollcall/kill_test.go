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
	"slices"
	"testing"
	"time"
)

// kills is how often the house is killed.
const kills = 10

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
		"--rate-limit", "0", "--cooldown", "0", "--latency", "60ms", "--import-time", "100ms")
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

// sessions returns the statuses of the org's sessions.
func (h *killedHouse) sessions() (statuses []string) {
	h.Helper()
	var sessions []struct{ Status string }
	if err := json.Unmarshal(h.send(http.MethodGet, h.url+"/sim/sessions", nil), &sessions); err != nil {
		h.Fatal(err)
	}
	for _, s := range sessions {
		statuses = append(statuses, s.Status)
	}
	return statuses
}

// untilLoading waits for the flusher to open a session beyond those seen, and returns how many there are then.
func (h *killedHouse) untilLoading(seen int) int {
	h.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		statuses := h.sessions()
		if n := len(statuses); n > seen && (statuses[n-1] == "CREATED" || statuses[n-1] == "IN_PROGRESS") {
			return n
		}
	}
	h.Fatal("no session was opened in 30 s")
	return 0
}

// TestKilledInTheMiddleOfAFlush kills rollcall local again and again while people change, and lets it go on: Okta must
// end equal to the table.
func TestKilledInTheMiddleOfAFlush(t *testing.T) {
	dir := t.TempDir()
	chance := rand.New(rand.NewPCG(1, 2))
	want := map[string]string{}
	h, seen := startHouse(t, dir), 0
	for round := range kills {
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
		seen = h.untilLoading(seen)
		time.Sleep(time.Duration(chance.IntN(200)) * time.Millisecond) // at most three calls of 60 ms further
		h.kill()
		h = startHouse(t, dir)
	}
	h.untilEqual(want)
	if !slices.Contains(h.sessions(), "CLOSED") {
		t.Error("no session was cut short: the kills missed the flushes")
	}
	if err := h.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Wait(); err != nil {
		t.Errorf("Ctrl-C ended it with %v", err)
	}
}
