package batcher

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/intent"
	"rollcall/okta"
)

func joiner(id string, profile int) person {
	return person{action: actUpsert, profile: []byte(`{"a":"` + strings.Repeat("x", max(0, profile-8)) + `"}`), intent: intent.Intent{ExternalID: id}}
}

// checkLoads checks all that must be true of any filling.
func checkLoads(t *testing.T, people []person, limits loadLimits, loads []load, rest []int) {
	t.Helper()
	if len(loads) > limits.loads {
		t.Errorf("%d loads, more than %d", len(loads), limits.loads)
	}
	seen := make([]int, len(people))
	for _, i := range rest {
		seen[i]++
	}
	upserts := false
	for n, l := range loads {
		if len(l.people) == 0 || len(l.people) > limits.people {
			t.Errorf("load %d holds %d people", n, len(l.people))
		}
		if l.deactivate && upserts {
			t.Errorf("load %d deactivates after upserts", n)
		}
		upserts = upserts || !l.deactivate
		size := okta.LoadEnvelope
		for _, i := range l.people {
			seen[i]++
			size += entrySize(&people[i])
			if (people[i].action == actDeactivate) != l.deactivate {
				t.Errorf("load %d mixes upserts and deactivations", n)
			}
			if people[i].intent.Suspect != people[l.people[0]].intent.Suspect {
				t.Errorf("load %d mixes suspicions", n)
			}
		}
		if size > limits.bytes {
			t.Errorf("load %d has %d bytes", n, size)
		}
		if most := loadSize(people[l.people[0]].intent.Suspect, limits.people); len(l.people) > most {
			t.Errorf("load %d of suspects holds %d people, more than %d", n, len(l.people), most)
		}
	}
	for i, p := range people {
		want := 0
		if p.action == actUpsert || p.action == actDeactivate {
			want = 1
		}
		if seen[i] != want {
			t.Errorf("person %d (%s) is in %d places, want %d", i, p.action, seen[i], want)
		}
	}
}

func TestFillASession(t *testing.T) {
	var people []person
	for i := range maxPeople {
		people = append(people, joiner(fmt.Sprintf("person%05d@example.com", i), 500))
	}
	loads, rest := fill(people, oktaLimits)
	checkLoads(t, people, oktaLimits, loads, rest)
	if len(loads) != okta.MaxLoads || len(rest) != 0 {
		t.Errorf("%d people fill %d loads and leave %d, want %d and none", maxPeople, len(loads), len(rest), okta.MaxLoads)
	}
}

func TestFillByBytes(t *testing.T) {
	var people []person
	for i := range 100 {
		people = append(people, joiner(fmt.Sprint(i), 50_000))
	}
	loads, rest := fill(people, oktaLimits)
	checkLoads(t, people, oktaLimits, loads, rest)
	if len(loads) != 34 || len(rest) != 0 {
		t.Errorf("100 people of 50 kB fill %d loads and leave %d, want 34 and none", len(loads), len(rest))
	}
}

func TestFillLeavesUpsertsRatherThanLeavers(t *testing.T) {
	limits := loadLimits{people: 2, bytes: 10_000, loads: 2}
	people := []person{joiner("a", 100), joiner("b", 100), joiner("c", 100)}
	people = append(people, leavers(0, 2)...)
	loads, rest := fill(people, limits)
	checkLoads(t, people, limits, loads, rest)
	if !slices.Equal(rest, []int{2}) {
		t.Errorf("people %v are left, want the last upsert", rest)
	}
}

func TestFillRejectsWhatNoLoadHolds(t *testing.T) {
	people := []person{joiner("small", 100), joiner("huge", okta.MaxLoadBytes)}
	loads, rest := fill(people, oktaLimits)
	checkLoads(t, people, oktaLimits, loads, rest)
	if people[1].action != actReject || people[1].reason == "" {
		t.Errorf("person larger than a load: %s, %q", people[1].action, people[1].reason)
	}
	if people[0].action != actUpsert {
		t.Errorf("the other person: %s", people[0].action)
	}
}

// FuzzFill reads people of any kind, size and suspicion from bytes, three each.
func FuzzFill(f *testing.F) {
	f.Add([]byte{0, 0, 0}, uint8(200), uint16(60_000), uint8(50))
	f.Add([]byte{1, 9, 2, 0, 200, 0, 1, 0, 1, 3, 0, 0}, uint8(2), uint16(900), uint8(3))
	f.Fuzz(func(t *testing.T, raw []byte, most uint8, bytes uint16, loads uint8) {
		limits := loadLimits{people: int(most)%okta.MaxLoadPeople + 1, bytes: int(bytes) + 200, loads: int(loads)%okta.MaxLoads + 1}
		var people []person
		for spec := range slices.Chunk(raw, 3) {
			if len(spec) < 3 {
				break
			}
			p := joiner(fmt.Sprint("p", len(people)), int(spec[1])*40)
			p.action = action(spec[0] % 5)
			p.intent.Suspect = int(spec[2] % 6)
			people = append(people, p)
		}
		filled, rest := fill(people, limits)
		checkLoads(t, people, limits, filled, rest)
	})
}
