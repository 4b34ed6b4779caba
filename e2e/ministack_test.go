//go:build e2e

package e2e

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"rollcall/internal/sample"
)

var long = flag.Bool("long", false, "run the long cases too: make e2e-long")

// TestMiniStack runs the whole house on an emulator of AWS: the zips of make dist, deployed as functions, and Okta in
// another process. Every case has a house of its own, so that they run side by side.
func TestMiniStack(t *testing.T) {
	e := startEmulator(t)
	cases := []struct {
		name string
		long bool
		run  func(*testing.T, *emulator, string)
	}{
		{"singles", false, testSingles}, // first: it measures
		{"walk", false, testWalk},
		{"schedule", false, testSchedule},
		{"sync", false, testSync},
		{"redelivery", false, testRedelivery},
		{"rejects", false, testRejects},
		{"records", false, testRecords},
		{"many", false, testMany},
		{"outage", false, testOutage},
		{"killed", false, testKilled},
		{"poison", true, testPoison}, // ten minutes: it takes twenty failed sessions
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.long && !*long {
				t.Skip("a long case: make e2e-long")
			}
			if c.name != "singles" {
				t.Parallel()
			}
			c.run(t, e, "e2e-"+c.name)
		})
	}
}

// testWalk takes people through their life: created, changed, inactive, deleted and created again, written with the SDK
// and through the items API.
func testWalk(t *testing.T, e *emulator, name string) {
	h := e.deploy(t, name, houseOptions{})
	h.flush(t)
	host := h.gateway(t)
	people := sample.People()
	h.write(t, people[:60])
	for _, p := range people[60:] {
		h.api(t, host, http.MethodPut, "/items", p)
	}
	h.becomesEqual(t, 2*time.Minute)

	people[0]["title"] = "Director"
	delete(people[1], "cell")
	people[2]["active"] = false
	h.write(t, people[:3])
	h.api(t, host, http.MethodDelete, "/items/"+people[3]["id"].(string), nil)
	h.becomesEqual(t, 2*time.Minute)
	h.put(t, people[3])
	h.becomesEqual(t, 2*time.Minute)
	if p, ok := h.has(people[2]["id"].(string)); !ok || p.Status == "ACTIVE" {
		t.Errorf("the inactive person is %q in Okta", p.Status)
	}
	if failures := h.failed(); len(failures) > 0 {
		t.Errorf("%d invocations of the flusher failed, the first: %s", len(failures), failures[0])
	}
	h.mustBeKind(t)
}

// testSingles measures how long one written record takes to be in the directory, while nothing else happens.
func testSingles(t *testing.T, e *emulator, name string) {
	h := e.deploy(t, name, houseOptions{})
	h.flush(t)
	people := sample.Generate(2, 21)
	h.put(t, people[20]) // starts the functions
	h.becomesEqual(t, time.Minute)
	var took []time.Duration
	for _, p := range people[:20] {
		written := time.Now()
		h.put(t, p)
		eventually(t, time.Minute, func() error {
			if _, ok := h.has(p["id"].(string)); !ok {
				return fmt.Errorf("%s is not in the directory", p["id"])
			}
			return nil
		})
		took = append(took, time.Since(written))
	}
	slices.Sort(took)
	t.Logf("from the record to the directory: median %v, longest %v", took[10].Round(time.Millisecond), took[19].Round(time.Millisecond))
	if took[10] > 5*time.Second {
		t.Errorf("the median of 20 records is %v: more than 5 s", took[10])
	}
	h.mustBeKind(t)
}

// testRedelivery has a queue that hands out every message again after two seconds, so that the flusher gets messages
// while it has them in work, since a session takes longer to be opened, and after it acknowledged them by receipts that no
// longer count.
func testRedelivery(t *testing.T, e *emulator, name string) {
	h := e.deploy(t, name, houseOptions{visibility: 2 * time.Second, orgFlags: []string{"--latency", "1s"}})
	people := sample.Generate(3, 600)
	h.write(t, people)
	h.streamed(t, 3)
	written, _, _, err := h.queue(t).Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// What was received and never acknowledged comes again, too.
	if messages, err := h.queue(t).Receive(t.Context(), time.Second); err != nil || len(messages) == 0 {
		t.Fatalf("received %d messages, %v", len(messages), err)
	}
	h.flush(t)
	h.becomesEqual(t, 2*time.Minute)
	// The log of an invocation is there when it is over.
	eventually(t, 2*time.Minute, func() error {
		flushed, err := h.flushed()
		if err != nil || len(flushed) == 0 || flushed[0].Messages <= int(written) {
			return fmt.Errorf("of %d messages none came twice in the first of the flushes %+v, %v", written, flushed, err)
		}
		return nil
	})
	h.remove(t, people[:10])
	h.becomesEqual(t, 2*time.Minute)
	h.mustBeKind(t)
}
