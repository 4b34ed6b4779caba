package okta

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestLoadBodies(t *testing.T) {
	c, fake := dial(t, status(202, ""))
	people := []Person{jane, {ExternalID: `a"b\c` + "\n\x01é😀\u2028</", Profile: []byte(`{"firstName":null}`)}}
	if err := c.BulkUpsert(t.Context(), "aps1", people); err != nil {
		t.Fatal(err)
	}
	if err := c.BulkDelete(t.Context(), "aps1", []string{"jane", "joe"}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"entityType":"USERS","profiles":[{"externalId":"jane","profile":{"userName":"jane@example.com"}},` +
			`{"externalId":"a\"b\\c\n\u0001é😀` + "\u2028" + `</","profile":{"firstName":null}}]}`,
		`{"entityType":"USERS","profiles":[{"externalId":"jane"},{"externalId":"joe"}]}`,
	}
	for i, x := range fake.seen {
		if diff := cmp.Diff(want[i], x.body); diff != "" {
			t.Error(diff)
		}
	}
	if diff := cmp.Diff([]string{"POST /sessions/aps1/bulk-upsert", "POST /sessions/aps1/bulk-delete"}, fake.calls()); diff != "" {
		t.Error(diff)
	}
}

// TestSizesAreTheBodys: what fill counts is what is sent, to the byte, and it is JSON that says the same.
func TestSizesAreTheBodys(t *testing.T) {
	c, fake := dial(t, status(202, ""))
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.StringN(1, 40, -1).Filter(utf8.ValidString), 1, 5).Draw(t, "ids")
		var people []Person
		upserts, deletes := LoadEnvelope, LoadEnvelope
		for _, id := range ids {
			profile, err := json.Marshal(map[string]string{"userName": rapid.String().Draw(t, "userName")})
			if err != nil {
				t.Fatal(err)
			}
			people = append(people, Person{ExternalID: id, Profile: profile})
			upserts += UpsertSize(id, len(profile))
			deletes += DeleteSize(id)
		}
		fake.seen = nil
		if err := c.BulkUpsert(context.Background(), "aps1", people); err != nil {
			t.Fatal(err)
		}
		if err := c.BulkDelete(context.Background(), "aps1", ids); err != nil {
			t.Fatal(err)
		}
		for i, size := range []int{upserts, deletes} {
			var body struct {
				EntityType string
				Profiles   []struct{ ExternalID string }
			}
			if err := json.Unmarshal([]byte(fake.seen[i].body), &body); err != nil {
				t.Fatal(err)
			}
			if len(fake.seen[i].body) != size {
				t.Errorf("counted %d bytes, sent %d", size, len(fake.seen[i].body))
			}
			for j, p := range body.Profiles {
				if p.ExternalID != ids[j] {
					t.Errorf("sent %q for %q", p.ExternalID, ids[j])
				}
			}
		}
	})
}

func TestLoadsThatAreNotSent(t *testing.T) {
	crowd := func(n, profileLen int) []Person {
		people := make([]Person, n)
		for i := range people {
			people[i] = Person{ExternalID: fmt.Sprint(i), Profile: []byte(`{"x":"` + strings.Repeat("x", profileLen-8) + `"}`)}
		}
		return people
	}
	fit := MaxLoadBytes - LoadEnvelope - UpsertSize("0", 0)
	for _, test := range []struct {
		name   string
		people []Person
		ok     bool
	}{
		{"nobody", nil, false},
		{"200 people", crowd(200, 100), true},
		{"201 people", crowd(201, 100), false},
		{"200,000 bytes", crowd(1, fit), true},
		{"200,001 bytes", crowd(1, fit+1), false},
		{"no externalId", []Person{{Profile: jane.Profile}}, false},
		{"an externalId of 512 characters", []Person{{ExternalID: strings.Repeat("é", 512), Profile: jane.Profile}}, true},
		{"an externalId of 513 characters", []Person{{ExternalID: strings.Repeat("é", 513), Profile: jane.Profile}}, false},
		{"an externalId that is not UTF-8", []Person{{ExternalID: "\xff", Profile: jane.Profile}}, false},
		{"no profile", []Person{{ExternalID: "jane"}}, false},
		{"an empty profile", []Person{{ExternalID: "jane", Profile: []byte(`{}`)}}, false},
		{"an array for a profile", []Person{{ExternalID: "jane", Profile: []byte(`["a"]`)}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, fake := dial(t, status(202, ""))
			err := c.BulkUpsert(t.Context(), "aps1", test.people)
			if (err == nil) != test.ok || len(fake.calls()) == 1 != test.ok {
				t.Errorf("%d calls: %v", len(fake.calls()), err)
			}
			if !test.ok && Classify(err) != Refused {
				t.Errorf("class %v", Classify(err))
			}
		})
	}
}
