package batcher

import (
	"fmt"
	"strings"
	"testing"

	"rollcall/intent"
)

// leavers are people to deactivate, numbered from first.
func leavers(first, n int) []person {
	people := make([]person, n)
	for i := range people {
		people[i] = person{action: actDeactivate, intent: intent.Intent{ExternalID: fmt.Sprintf("p%d", first+i)}}
	}
	return people
}

func ids(people []person) map[string]bool {
	set := map[string]bool{}
	for _, p := range people {
		set[p.intent.ExternalID] = true
	}
	return set
}

func countActions(people []person) map[action]int {
	n := map[action]int{}
	for _, p := range people {
		n[p.action]++
	}
	return n
}

func TestGuardLimit(t *testing.T) {
	for _, c := range []struct {
		limits GuardLimits
		want   int
	}{
		{GuardLimits{Min: 20, Percent: 5, People: 0}, 20},
		{GuardLimits{Min: 20, Percent: 5, People: 400}, 20},
		{GuardLimits{Min: 20, Percent: 5, People: 1000}, 50},
		{GuardLimits{Min: 0, Percent: 0, People: 1000}, 0},
		{GuardLimits{Min: 0, Percent: 100, People: 7}, 7},
	} {
		if got := c.limits.Limit(); got != c.want {
			t.Errorf("%+v: limit %d, want %d", c.limits, got, c.want)
		}
	}
}

func TestGuard(t *testing.T) {
	limits := GuardLimits{Min: 20, Percent: 5, People: 100}
	approved := leavers(0, 30)
	for i := range approved {
		approved[i].intent.Approved = true
	}
	mixed := append(leavers(100, 21), approved...)
	guarded := append(leavers(0, 3), person{action: actDeactivate, protected: true, intent: intent.Intent{ExternalID: "ceo", Approved: true}})
	for _, c := range []struct {
		name           string
		people         []person
		past           recent
		deactivated    int
		held, rejected int
	}{
		{name: "as many as the limit pass", people: leavers(0, 20), deactivated: 20},
		{name: "one more and all are held", people: leavers(0, 21), held: 21},
		{name: "the last 24 h count", people: leavers(0, 5), past: recent{deactivated: ids(leavers(50, 16))}, held: 5},
		{name: "a retry does not count twice", people: leavers(0, 20), past: recent{deactivated: ids(leavers(0, 20))}, deactivated: 20},
		{name: "retries pass over a full day", people: leavers(0, 5), past: recent{deactivated: ids(leavers(0, 40))}, deactivated: 5},
		{name: "nor does one whose approval came first", people: leavers(0, 30), past: recent{approved: ids(leavers(0, 30))}, deactivated: 30},
		{name: "approved ones pass and do not count", people: approved, deactivated: 30},
		{name: "approved ones pass while others are held", people: mixed, deactivated: 30, held: 21},
		{name: "while anybody is held further ones join", people: leavers(0, 1), past: recent{anybodyHeld: true}, held: 1},
		{name: "protected people are rejected, approved or not", people: guarded, deactivated: 3, rejected: 1},
		{name: "nobody leaves, nobody is held", people: []person{{action: actUpsert}}, past: recent{anybodyHeld: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			reason := guard(c.people, limits, c.past)
			got := countActions(c.people)
			if got[actDeactivate] != c.deactivated || got[actHold] != c.held || got[actReject] != c.rejected {
				t.Errorf("got %v, want %d deactivated, %d held, %d rejected", got, c.deactivated, c.held, c.rejected)
			}
			if (reason != "") != (c.held > 0) {
				t.Errorf("reason %q with %d held", reason, c.held)
			}
			for _, p := range c.people {
				if p.action == actHold && (p.reason == "" || strings.Contains(p.reason, p.intent.ExternalID)) {
					t.Errorf("reason of a held person: %q", p.reason)
				}
			}
		})
	}
}
