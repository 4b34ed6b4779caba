package compare_test

import (
	"slices"
	"testing"

	"rollcall/internal/compare"
)

const held = `{"email":"x@example.com","title":"Dr","city":"","state":null,"floor":5,"tags":["a"],"secondEmail":"kept"}`

func TestWhatDiffers(t *testing.T) {
	c := compare.New([]string{"city", "email", "floor", "state", "tags", "title"})
	for wanted, want := range map[string][]string{
		`{}`:                               nil,
		`{"email":"x@example.com"}`:        nil, // what is not named stays as it is
		`{"email":"y@example.com"}`:        {"email"},
		`{"title":"Dr","email":null}`:      {"email"},
		`{"title":""}`:                     {"title"},
		`{"city":null,"state":""}`:         nil, // null, empty and not there are the same
		`{"city":"Bern"}`:                  {"city"},
		`{"floor":"5","tags":"[\"a\"]"}`:   {"floor", "tags"}, // what is no text equals none
		`{"secondEmail":"other","x":"y"}`:  nil,               // not mapped
		`{"title":"Prof","state":"Berne"}`: {"state", "title"},
	} {
		digest, err := c.Digest([]byte(held))
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Differing(digest, []byte(wanted))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", wanted, got, err, want)
		}
		if same, err := c.Same(digest, []byte(wanted)); err != nil || same != (want == nil) {
			t.Errorf("%s: same %t, %v", wanted, same, err)
		}
		all, err := c.Compare([]byte(held), []byte(wanted))
		if err != nil || len(all) != len(want) {
			t.Errorf("%s: %v, %v", wanted, all, err)
		}
	}
}

func TestValuesAreShown(t *testing.T) {
	c := compare.New([]string{"city", "floor", "title"})
	all, err := c.Compare([]byte(held), []byte(`{"city":"Bern","floor":"6","title":null}`))
	if err != nil || len(all) != 3 || all[0].Old != nil || *all[0].New != "Bern" || *all[1].Old != "5" || *all[2].Old != "Dr" || all[2].New != nil {
		t.Errorf("got %+v, %v", all, err)
	}
	if named := compare.Named([]string{"city"}); len(named) != 1 || named[0] != (compare.Attribute{Name: "city"}) {
		t.Errorf("got %v", named)
	}
}

func TestAProfileThatIsNoObject(t *testing.T) {
	c := compare.New([]string{"title"})
	if _, err := c.Digest([]byte(`[]`)); err == nil {
		t.Error("no error")
	}
	if _, err := c.Differing(compare.Digest{0}, []byte(`"x"`)); err == nil {
		t.Error("no error")
	}
	if _, err := c.Digest(nil); err != nil {
		t.Error(err)
	}
}
