package sync

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/mapping"
	"rollcall/okta"
)

// directory is whom Okta has.
type directory struct {
	users []okta.AppUser
	err   error
}

func (d directory) AppUsers(context.Context) iter.Seq2[okta.AppUser, error] {
	return func(yield func(okta.AppUser, error) bool) {
		for _, u := range d.users {
			if !yield(u, nil) {
				return
			}
		}
		if d.err != nil {
			yield(okta.AppUser{}, d.err)
		}
	}
}

func user(id, status, profile string) okta.AppUser {
	return okta.AppUser{ID: "00u" + id, ExternalID: id, Status: status, Profile: []byte(profile)}
}

// emails maps an item to nothing but userName, email and title.
func emails(t *testing.T) *mapping.Mapping {
	t.Helper()
	cfg := config.Default()
	cfg.Mapping.Match = `kind == "person"`
	cfg.Mapping.Profile = map[string]string{"userName": "email", "email": "email", "title": "title"}
	m, err := cfg.CompileMapping()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// attributes are those of emails.
var attributes = []string{"email", "title", "userName"}

const profile = `{"userName":"x@example.com","email":"x@example.com","secondEmail":"kept"}`

func TestLookCountsWhatASyncWouldDo(t *testing.T) {
	const yes, no = `{"BOOL":true}`, `{"BOOL":false}`
	table := pages{{
		person("new", yes), person("same", yes), person("titled", yes), person("back", yes), person("left", no),
		person("out", no), person("never", no), person("odd", `{"S":"perhaps"}`),
		[]byte(`{"id":{"S":"invoice"}}`), []byte(`{"kind":{"S":"person"}}`),
	}}
	org := directory{users: []okta.AppUser{
		user("same", "ACTIVE", profile), user("titled", "PROVISIONED", `{"userName":"x@example.com","email":"x@example.com","title":"Dr"}`),
		user("back", "DEPROVISIONED", profile), user("left", "ACTIVE", profile), user("out", "DEPROVISIONED", profile),
		user("gone1", "ACTIVE", profile), user("gone2", "SUSPENDED", profile), user("gone3", "DEPROVISIONED", profile),
		user("odd", "ACTIVE", profile), {ID: "00u", Status: "ACTIVE"},
	}}
	s, err := Look(t.Context(), table, org, emails(t), Options{Partition: "id", Attributes: attributes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("listed %d items %d others %d unreadable %d: create %d change %d reactivate %d unchanged %d rejected %d inactive %d leavers %d missing %d",
		s.Listed, s.Items, s.Others, s.Unreadable, s.Create, s.Change, s.Reactivate, s.Unchanged, s.Rejected, s.Inactive, s.Leavers, s.Missing)
	want := "listed 6 items 10 others 1 unreadable 1: create 1 change 1 reactivate 1 unchanged 1 rejected 1 inactive 3 leavers 1 missing 2"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var q queue
	report, err := s.Enqueue(t.Context(), &q, true)
	if err != nil || report.Enqueued != 8 || report.Rejects != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	intents, _ := q.messages(t)
	var lines []string
	for _, in := range intents {
		line := fmt.Sprintf("%s %s %d", in.ExternalID, in.Kind, len(in.Keys))
		if in.Approved {
			line += " approved"
		}
		lines = append(lines, line)
	}
	wantLines := []string{
		"back upsert 1", "gone1 deactivate 0 approved", "gone2 deactivate 0 approved", "left upsert 1 approved", "new upsert 1",
		"odd upsert 1", "same upsert 1", "titled upsert 1",
	}
	if !slices.Equal(lines, wantLines) {
		t.Errorf("enqueued\n%s", strings.Join(lines, "\n"))
	}
}

// What nobody approved is not enqueued at all, be it in the table or not; the others are.
func TestDeactivationsThatNobodyApprovedAreLeftOut(t *testing.T) {
	table := pages{{person("left", `{"BOOL":false}`), person("new", `{"BOOL":true}`)}}
	org := directory{users: []okta.AppUser{user("left", "ACTIVE", profile), user("gone", "ACTIVE", profile)}}
	s, err := Look(t.Context(), table, org, emails(t), Options{Partition: "id", Attributes: attributes}, nil)
	if err != nil || s.Deactivations() != 2 || s.Upserts() != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	var q queue
	if report, err := s.Enqueue(t.Context(), &q, false); err != nil || report.Enqueued != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	if intents, _ := q.messages(t); len(intents) != 1 || intents[0].ExternalID != "new" || intents[0].Approved {
		t.Errorf("%+v", intents)
	}
}

// Whom guard.protect names, by externalId or by an expression over the inactive item, is neither counted among those to
// deactivate nor enqueued.
func TestSurveyLeavesOutTheProtected(t *testing.T) {
	cfg := config.Default()
	cfg.Mapping.Match = `kind == "person"`
	cfg.Mapping.Profile = map[string]string{"userName": "email", "email": "email"}
	cfg.Guard.Protect = []string{"gone1", "left1", `expr:title == "Chair"`}
	m, err := cfg.CompileMapping()
	if err != nil {
		t.Fatal(err)
	}
	chair := []byte(`{"id":{"S":"chair"},"kind":{"S":"person"},"email":{"S":"x@example.com"},"active":{"BOOL":false},"title":{"S":"Chair"}}`)
	table := pages{{person("left1", `{"BOOL":false}`), person("left2", `{"BOOL":false}`), chair}}
	var org directory
	for _, id := range []string{"gone1", "gone2", "left1", "left2", "chair"} {
		org.users = append(org.users, user(id, "ACTIVE", profile))
	}
	s, err := Look(t.Context(), table, org, m, Options{Partition: "id", Protected: cfg.ProtectedIDs()}, nil)
	if err != nil || s.Protected != 3 || s.Leavers != 1 || s.Missing != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	var q queue
	if _, err := s.Enqueue(t.Context(), &q, true); err != nil {
		t.Fatal(err)
	}
	if intents, _ := q.messages(t); len(intents) != 2 || intents[0].ExternalID != "gone2" || intents[1].ExternalID != "left2" {
		t.Errorf("%+v", intents)
	}
}

func TestLookFailsRatherThanTakeAnOutageForAbsence(t *testing.T) {
	if s, err := Look(t.Context(), pages{}, directory{users: []okta.AppUser{user("a", "ACTIVE", profile)}, err: errAway}, emails(t), Options{Partition: "id", Attributes: attributes}, nil); err == nil || s != nil {
		t.Errorf("of Okta: %v, %v", s, err)
	}
	if s, err := Look(t.Context(), &segmented{people: 100, left: 3}, directory{}, emails(t), Options{Partition: "id", Attributes: attributes}, nil); err == nil || s != nil {
		t.Errorf("of the table: %v, %v", s, err)
	}
}

func TestAPersonOfSeveralItemsIsOne(t *testing.T) {
	cfg := config.Default()
	cfg.Mapping.ExternalID, cfg.ExternalIDIndex = "person_id", "by-person"
	m, err := cfg.CompileMapping()
	if err != nil {
		t.Fatal(err)
	}
	item := func(key, active string) []byte {
		return fmt.Appendf(nil, `{"id":{"S":%q},"person_id":{"S":"jane"},"active":%s,"email":{"S":"x@example.com"},"first_name":{"S":"A"},"last_name":{"S":"B"}}`, key, active)
	}
	table := pages{{item("2", `{"BOOL":false}`), item("1", `{"BOOL":true}`)}}
	s, err := Look(t.Context(), table, directory{}, m, Options{Partition: "id"}, nil)
	if err != nil || s.Create != 1 || s.Deactivations() != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	var q queue
	if _, err := s.Enqueue(t.Context(), &q, false); err != nil {
		t.Fatal(err)
	}
	if intents, _ := q.messages(t); len(intents) != 1 || !slices.Equal(intents[0].Keys, []intent.Key{`{"id":{"S":"1"}}`, `{"id":{"S":"2"}}`}) {
		t.Errorf("%+v", intents)
	}
}
