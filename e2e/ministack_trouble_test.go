//go:build e2e

package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rollcall/intent"
	"rollcall/internal/sample"
)

// testRejects has items that can be nobody in Okta: each is rejected by name, and everybody else goes on.
func testRejects(t *testing.T, e *emulator, name string) {
	h := e.deploy(t, name, houseOptions{})
	h.flush(t)
	people := sample.Generate(4, 120)
	delete(people[0], "email")
	people[1]["active"] = "perhaps"
	people[2]["active"] = []string{"yes"}
	people[3]["country"] = "Nowhere"
	var wrong []string
	for _, p := range people[:4] {
		wrong = append(wrong, p["id"].(string))
	}
	slices.Sort(wrong)
	h.write(t, people)
	h.becomesEqual(t, 2*time.Minute)
	h.becomeRejects(t, time.Minute, wrong)
	people[0]["email"] = "mended@example.com"
	h.put(t, people[0])
	h.becomesEqual(t, 2*time.Minute)
	h.becomeRejects(t, time.Minute, slices.DeleteFunc(wrong, func(id string) bool { return id == people[0]["id"] }))
}

// testRecords has items whose id can be nobody's, in one stream batch with others: the stream-handler makes each a reject
// that names its item, and neither the others nor those who change after them wait for it.
func testRecords(t *testing.T, e *emulator, name string) {
	h := e.deploy(t, name, houseOptions{})
	h.flush(t)
	people := sample.Generate(11, 60)
	var wrong []string
	for i, id := range map[int]string{7: strings.Repeat("x", 513), 31: "bell\u0007"} {
		people[i]["id"] = id
		item, err := json.Marshal(map[string]any{"id": map[string]string{"S": id}})
		if err != nil {
			t.Fatal(err)
		}
		key, err := intent.ParseKey(item)
		if err != nil {
			t.Fatal(err)
		}
		wrong = append(wrong, string(key))
	}
	slices.Sort(wrong)
	h.write(t, people)
	h.becomesEqual(t, 2*time.Minute)
	h.becomeRejects(t, time.Minute, wrong)
	people[0]["title"] = "Director"
	h.put(t, people[0])
	h.becomesEqual(t, 2*time.Minute)
	if active, err := h.org.active(); err != nil || len(active) == 0 {
		t.Errorf("%d people are active in Okta, %v", len(active), err)
	}
	if failures := h.failed(); len(failures) > 0 {
		t.Errorf("%d invocations of the flusher failed, the first: %s", len(failures), failures[0])
	}
}

// becomeRejects waits until the rejects are of exactly these people, or of the items with these keys where it is not known
// whose they are.
func (h *house) becomeRejects(t *testing.T, within time.Duration, wanted []string) {
	t.Helper()
	eventually(t, within, func() error {
		rejects, err := h.control().Rejects(t.Context())
		if err != nil {
			return err
		}
		var ids []string
		for _, r := range rejects {
			ids = append(ids, cmp.Or(r.ExternalID, string(r.Key)))
		}
		slices.Sort(ids)
		if !slices.Equal(ids, wanted) {
			return fmt.Errorf("rejected are %v, not %v", ids, wanted)
		}
		return nil
	})
}

// testPoison has a person with whom every import ends in ERROR. The others are loaded in the end, and that one is a
// reject.
func testPoison(t *testing.T, e *emulator, name string) {
	people := sample.Generate(5, 40)
	poison := people[17]["id"].(string)
	h := e.deploy(t, name, houseOptions{orgFlags: []string{"--poison", poison}})
	h.flush(t)
	h.write(t, people)
	eventually(t, 10*time.Minute, func() error {
		if active, err := h.org.active(); err != nil || len(active) < len(people)-1 {
			return fmt.Errorf("%d of %d people are in Okta, %v", len(active), len(people)-1, err)
		}
		return nil
	})
	h.becomeRejects(t, 10*time.Minute, []string{poison})
	h.mustBeKind(t)
}

// testMany writes ten thousand people, the most of one session, before the flusher is invoked for the first time.
func testMany(t *testing.T, e *emulator, name string) {
	const most, maxKiB = 10_000, 128 << 10
	h := e.deploy(t, name, houseOptions{})
	start := time.Now()
	h.write(t, sample.Generate(6, most))
	t.Logf("%d people are written after %v", most, time.Since(start).Round(time.Second))
	h.streamed(t, most/200)
	memory := h.watchMemory(t, "flusher")
	h.flush(t)
	h.becomesEqual(t, 5*time.Minute)
	sessions, err := h.sessions()
	if err != nil {
		t.Fatal(err)
	}
	// One process and no failed invocation: it is the one that flushed.
	took := memory()
	t.Logf("%d sessions; the flusher took %v KiB, by process", len(sessions), took)
	if failures := h.failed(); len(took) != 1 || len(failures) > 0 {
		t.Errorf("%d processes flushed, with failures %q; want one, with none", len(took), failures)
	}
	for pid, kib := range took {
		if kib > maxKiB {
			t.Errorf("the flusher, process %d, took %d KiB of memory: more than %d", pid, kib, maxKiB)
		}
	}
	h.mustBeKind(t)
}

// watchMemory looks at the processes of a function until the returned function is called, which says what the most memory
// was that each of them had, in KiB.
func (h *house) watchMemory(t *testing.T, function string) func() map[int]int {
	t.Helper()
	most := map[int]int{}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			for _, pid := range functionProcesses(t, h.emulator.Process, h.function(function)) {
				most[pid] = max(most[pid], status(pid, "VmHWM:"))
			}
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	}()
	end := sync.OnceFunc(func() { close(stop); <-stopped })
	t.Cleanup(end)
	return func() map[int]int { end(); return most }
}

// streamed waits until the queue holds at least this many messages and no more come: two looks, several times as far apart
// as the stream needs to be looked at, find as many as the one before.
func (h *house) streamed(t *testing.T, messages int64) {
	t.Helper()
	const pause = 3 * time.Second
	last, same := int64(-1), 0
	for end := time.Now().Add(3 * time.Minute); same < 2; time.Sleep(pause) {
		visible, _, _, err := h.queue(t).Depth(t.Context())
		if err != nil || time.Now().After(end) {
			t.Fatalf("the queue holds %d messages, and before that %d; want at least %d and no more to come: %v", visible, last, messages, err)
		}
		if same++; visible != last || visible < messages {
			same = 0
		}
		last = visible
	}
}

// testOutage kills Okta for a minute while people change.
func testOutage(t *testing.T, e *emulator, name string) {
	h := e.deploy(t, name, houseOptions{})
	h.flush(t)
	people := sample.Generate(7, 400)
	h.write(t, people[:200])
	h.becomesEqual(t, 2*time.Minute)
	h.org.Kill()
	h.write(t, people[200:])
	h.remove(t, people[:5])
	time.Sleep(time.Minute)
	h.org.restart(t)
	h.becomesEqual(t, 5*time.Minute)
	h.mustBeKind(t)
}

// testKilled kills the flusher while it loads a session, which takes some twenty seconds here. What it had received comes
// back when the queue makes it visible again; the session is cancelled by the next run, once the lease of the dead one is
// over.
func testKilled(t *testing.T, e *emulator, name string) {
	h := e.deploy(t, name, houseOptions{visibility: 30 * time.Second})
	h.write(t, sample.Generate(8, 3000))
	h.streamed(t, 15)
	h.set(t, `{"latency":"5s"}`)
	h.flush(t)
	loading := func() (session, error) {
		sessions, err := h.sessions()
		if err != nil || len(sessions) == 0 || sessions[0].Status != "IN_PROGRESS" {
			return session{}, fmt.Errorf("no session is being loaded: %v, %v", sessions, err)
		}
		return sessions[0], nil
	}
	var dead session
	eventually(t, time.Minute, func() (err error) {
		dead, err = loading()
		return err
	})
	if h.signal(t, "flusher", syscall.SIGKILL) == 0 {
		t.Fatal("there is no flusher to kill")
	}
	if still, err := loading(); err != nil || still != dead {
		t.Fatalf("killed too late: %v", err)
	}
	h.set(t, `{"latency":"0s"}`)
	h.becomesEqual(t, 5*time.Minute)
	sessions, err := h.sessions()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sessions {
		if s.ID == dead.ID && s.Status != "CLOSED" {
			t.Errorf("the session of the killed flusher is %s, not cancelled", s.Status)
		}
	}
	if len(h.failed()) == 0 {
		t.Error("no invocation failed: was the flusher killed at all?")
	}
	h.mustBeKind(t)
}

// testSchedule leaves the flusher to EventBridge Scheduler.
func testSchedule(t *testing.T, e *emulator, name string) {
	h := e.deploy(t, name, houseOptions{})
	h.schedule(t)
	h.write(t, sample.Generate(9, 50))
	h.becomesEqual(t, 3*time.Minute)
}

// testSync loses every message, and then has the flusher enqueue everybody.
func testSync(t *testing.T, e *emulator, name string) {
	h := e.deploy(t, name, houseOptions{})
	people := sample.Generate(10, 450)
	people[0]["active"] = false
	h.write(t, people)
	h.streamed(t, 1)
	if _, err := h.sqs.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &h.config.Queue.Intents}); err != nil {
		t.Fatal(err)
	}
	report, err := h.invoke(t.Context(), "flusher", []byte(`{"command":"sync"}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("sync: %s", report)
	h.flush(t)
	h.becomesEqual(t, 2*time.Minute)
}
