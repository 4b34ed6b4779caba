//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

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

// becomeRejects waits until the rejects are of exactly these people.
func (h *house) becomeRejects(t *testing.T, within time.Duration, wanted []string) {
	t.Helper()
	eventually(t, within, func() error {
		rejects, err := h.control().Rejects(t.Context())
		if err != nil {
			return err
		}
		var ids []string
		for _, r := range rejects {
			ids = append(ids, r.ExternalID)
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
	h.flush(t)
	h.becomesEqual(t, 5*time.Minute)
	sessions, err := h.sessions()
	if err != nil {
		t.Fatal(err)
	}
	memory := 0
	for _, pid := range functionProcesses(t, h.emulator.Process, h.function("flusher")) {
		memory = max(memory, status(pid, "VmHWM:"))
	}
	t.Logf("%d sessions; the flusher took %d MB", len(sessions), memory>>10)
	if memory == 0 || memory > maxKiB {
		t.Errorf("the flusher took %d KiB of memory: more than %d, or it is not there", memory, maxKiB)
	}
	h.mustBeKind(t)
}

// streamed waits until the queue holds at least this many messages, and no more come.
func (h *house) streamed(t *testing.T, messages int64) {
	t.Helper()
	last := int64(-1)
	eventually(t, 3*time.Minute, func() error {
		visible, _, _, err := h.queue(t).Depth(t.Context())
		before := last
		last = visible
		if err != nil || visible < messages || visible != before {
			return fmt.Errorf("the queue holds %d messages, not yet %d, %v", visible, messages, err)
		}
		time.Sleep(3 * time.Second) // several times what the stream needs to be looked at
		return nil
	})
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

// testKilled kills the flusher while it loads a session. What it had received comes back when the queue makes it visible
// again; the session is cancelled by the next run, once the lease of the dead one is over.
func testKilled(t *testing.T, e *emulator, name string) {
	h := e.deploy(t, name, houseOptions{visibility: 30 * time.Second, orgFlags: []string{"--latency", "500ms"}})
	h.write(t, sample.Generate(8, 3000))
	h.streamed(t, 15)
	h.flush(t)
	var dead string
	eventually(t, time.Minute, func() error {
		sessions, err := h.sessions()
		if err != nil || len(sessions) == 0 || sessions[0].Status != "IN_PROGRESS" {
			return fmt.Errorf("no session is being loaded: %v, %v", sessions, err)
		}
		dead = sessions[0].ID
		return nil
	})
	if h.signal(t, "flusher", syscall.SIGKILL) == 0 {
		t.Fatal("there is no flusher to kill")
	}
	h.becomesEqual(t, 5*time.Minute)
	sessions, err := h.sessions()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sessions {
		if s.ID == dead && s.Status != "CLOSED" {
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
