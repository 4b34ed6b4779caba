package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/embedded"
	"rollcall/internal/items"
	"rollcall/internal/local"
	"rollcall/okta/oktasim"
)

// restingHouse is the folder of a house whose org is there and whose flusher is not, so that a flush of the command line
// has it for itself.
type restingHouse struct {
	*testing.T
	dir     string
	db      *embedded.DB
	control *batcher.Control
	url     string
}

func newRestingHouse(t *testing.T) *restingHouse {
	t.Helper()
	config := oktasim.DefaultConfig()
	config.RateLimit, config.Cooldown, config.ImportTime, config.PersonTime, config.Latency = 0, 0, 0, 0, 0
	org, err := oktasim.New(config)
	must(t, err)
	t.Cleanup(func() { must(t, org.Close()) })
	server := httptest.NewServer(org)
	t.Cleanup(server.Close)
	h := &restingHouse{T: t, dir: t.TempDir(), url: server.URL}
	h.db, err = embedded.Open(h.dir)
	must(t, err)
	t.Cleanup(func() { must(t, h.db.Close()) })
	h.control = batcher.NewControl(h.db.Store())
	address, err := json.Marshal(map[string]string{"url": server.URL, "identitySourceId": config.IdentitySourceID})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(h.dir, "house.json"), address, 0o600))
	return h
}

// says puts a person into the table and an intent into the queue.
func (h *restingHouse) says(id string) {
	h.Helper()
	table, err := h.db.Table(h.Context(), embedded.TableOptions{
		Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: "id"}},
	})
	must(h.T, err)
	must(h.T, table.PutItem(h.Context(), []byte(
		`{"id":{"S":"`+id+`"},"active":{"BOOL":true},"email":{"S":"`+id+`@example.com"}}`)))
	bodies, err := intent.Pack(intent.Message{Intents: []intent.Intent{{ExternalID: id}}})
	must(h.T, err)
	_, err = h.db.Queue(local.IntentsQueue, embedded.QueueOptions{}).Send(h.Context(), bodies, 0)
	must(h.T, err)
}

// wants runs a command on the folder and checks its exit code and what it prints.
func (h *restingHouse) wants(code int, prints string, args ...string) {
	h.Helper()
	var stdout, stderr bytes.Buffer
	got := run(h.Context(), append(args, "--data", h.dir), strings.NewReader(""), &stdout, &stderr)
	if got != code || !strings.Contains(stdout.String()+stderr.String(), prints) {
		h.Errorf("rollcall %s: exit code %d, want %d and %q\n%s%s", strings.Join(args, " "), got, code, prints, &stdout, &stderr)
	}
}

func TestFlush(t *testing.T) {
	h := newRestingHouse(t)
	h.wants(exitDone, "the next flush would do nothing: no message came", "flush", "--dry-run")
	h.wants(exitDone, "idle: no message came", "flush")
	h.says("jane")
	h.wants(exitDone, "people   1: 1 to upsert, 0 to deactivate", "flush", "--dry-run")
	h.wants(exitDone, "the next flush would open a session", "flush", "--dry-run")
	h.wants(exitDone, `"outcome": "triggered"`, "flush", "--dry-run", "--output", "json")
	h.wants(exitDone, "1 message names the person", "explain", "jane")
	h.wants(exitDone, "not in step: it is in the queue", "explain", "jane")
	h.wants(exitFailed, "nobody of that externalId is here or in Okta", "explain", "jnae")
	h.wants(exitDone, "triggered: the import was started", "flush")
	h.wants(exitDone, "looked: ended sessions were settled", "flush", "--output", "json")
	h.wants(exitDone, "COMPLETED, 1 person", "status")
	h.wants(exitDone, "nothing to do: 1 unchanged", "plan")
	h.says("joe")
	h.wants(exitDone, "1 of 1 loads", "flush")
}

// A flush waits for the lease of a run that is at work, for as long as it is told to.
func TestFlushWaitsForTheLease(t *testing.T) {
	h := newRestingHouse(t)
	h.says("jane")
	_, err := h.control.Change(t.Context(), func(s *batcher.State) bool {
		s.Owner, s.Until = "another", time.Now().Add(time.Second)
		return true
	})
	must(t, err)
	h.wants(exitDone, "leased: another run has the lease", "flush", "--wait", "0s")
	h.wants(exitDone, "triggered: ", "flush", "--wait", "1m")
}

func TestFlushFails(t *testing.T) {
	h := newRestingHouse(t)
	h.says("jane")
	resp, err := http.Post(h.url+"/sim/faults", "application/json", strings.NewReader(`{"op":"list","count":1,"status":401}`))
	must(t, err)
	must(t, resp.Body.Close())
	h.wants(exitFailed, "rollcall: look: list sessions: ", "flush")
	h.wants(exitDone, "waiting: an earlier run put off the next try", "flush")
	h.wants(exitDone, "resumed", "resume")
	h.wants(exitDone, "triggered: ", "flush")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
