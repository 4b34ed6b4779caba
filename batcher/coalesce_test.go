package batcher

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/intent"
)

var someIntent = rapid.Custom(func(t *rapid.T) intent.Intent {
	var keys []intent.Key
	for _, n := range rapid.SliceOfN(rapid.IntRange(0, 3), 0, 3).Draw(t, "keys") {
		keys = append(keys, intent.Key(`{"id":{"S":"`+string(rune('a'+n))+`"}}`))
	}
	in := intent.Intent{
		ExternalID: rapid.SampledFrom([]string{"ann", "bob", "cem"}).Draw(t, "id"),
		Kind:       intent.Kind(rapid.IntRange(0, 1).Draw(t, "kind")),
		Keys:       union(nil, keys),
		Approved:   rapid.Bool().Draw(t, "approved"),
		Protected:  rapid.Bool().Draw(t, "protected"),
		Again:      rapid.Bool().Draw(t, "again"),
		Attempt:    rapid.IntRange(0, 20).Draw(t, "attempt"),
		Suspect:    rapid.IntRange(0, 4).Draw(t, "suspect"),
	}
	if s := rapid.Int64Range(0, 5).Draw(t, "changed"); s > 0 {
		in.Changed = time.Unix(s, 0)
	}
	return in
})

func byPerson(intents []intent.Intent) map[string]intent.Intent {
	people := map[string]intent.Intent{}
	for _, in := range intents {
		people[in.ExternalID] = in
	}
	return people
}

func TestCoalesceDoesNotDependOnOrderOrRepetition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		intents := rapid.SliceOfN(someIntent, 1, 12).Draw(t, "intents")
		once := Coalesce(slices.Clone(intents))
		if len(once) != len(byPerson(intents)) {
			t.Fatalf("%d joined intents of %d people", len(once), len(byPerson(intents)))
		}
		shuffled := slices.Concat(intents, intents)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		if diff := cmp.Diff(byPerson(once), byPerson(Coalesce(shuffled))); diff != "" {
			t.Fatalf("another order joins otherwise (-once +shuffled):\n%s", diff)
		}
		if diff := cmp.Diff(byPerson(once), byPerson(Coalesce(once))); diff != "" {
			t.Fatalf("joining the joined changes them:\n%s", diff)
		}
	})
}

func TestCoalesceJoins(t *testing.T) {
	early, late := time.Unix(100, 0), time.Unix(200, 0)
	got := Coalesce([]intent.Intent{
		{ExternalID: "ann", Keys: []intent.Key{"k2"}, Changed: late, Again: true, Suspect: 2, Protected: true},
		{ExternalID: "bob", Keys: []intent.Key{"k9"}},
		{ExternalID: "ann", Keys: []intent.Key{"k1"}, Changed: early, Kind: intent.Deactivate, Approved: true, Attempt: 4},
	})
	want := []intent.Intent{
		{
			ExternalID: "ann", Kind: intent.Deactivate, Keys: []intent.Key{"k1", "k2"}, Changed: early,
			Approved: true, Protected: true, Again: false, Attempt: 4, Suspect: 2,
		},
		{ExternalID: "bob", Keys: []intent.Key{"k9"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("joined intents (-want +got):\n%s", diff)
	}
}

func TestCoalesceLeavesItsArgumentsAlone(t *testing.T) {
	keys := make([]intent.Key, 1, 4)
	keys[0] = "k3"
	first := intent.Intent{ExternalID: "ann", Keys: keys}
	Coalesce([]intent.Intent{first, {ExternalID: "ann", Keys: []intent.Key{"k1"}}})
	if diff := cmp.Diff([]intent.Key{"k3", "", "", ""}, keys[:4]); diff != "" {
		t.Errorf("keys of the argument were written (-want +got):\n%s", diff)
	}
}
