package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"rollcall/intent"
	"rollcall/mapping"
	"rollcall/okta"
)

// sampleItems is how many items of the table are tried.
const sampleItems = 1000

// tally counts what became of the items of a sample: the rules that they break, never their values.
type tally struct {
	items, people, active, unfit int
	broken                       map[string]int
	// all means that the table has no more items.
	all bool
}

// scope says which items were tried.
func (t *tally) scope() string {
	if t.all {
		return "all items of the table"
	}
	return fmt.Sprintf("the first %d items of one scan, not those after them", t.items)
}

// sample maps the first items of the table, and checks them against Okta's limits and those of the app's schema.
func (e *examination) sample(ctx context.Context) Finding {
	t := tally{broken: map[string]int{}}
	view := e.Mapping.NewView()
	for after := intent.Key(""); t.items < sampleItems; {
		items, last, err := e.Pages.ScanPage(ctx, 0, 1, after)
		if err != nil {
			return failed(accessAWS, "%v", err)
		}
		before := t.items
		for _, item := range items[:min(len(items), sampleItems-before)] {
			e.try(view, item, &t)
		}
		if t.all = last == "" && len(items) <= sampleItems-before; last == "" {
			break
		}
		after = last
	}
	switch {
	case t.items == 0:
		return unchecked("the table is empty")
	case t.people == 0:
		return unchecked("of %s none is a person, by mapping.match", counted(t.items, "item", "items"))
	case t.unfit > 0:
		return failed("mend the items or the mapping: rollcall mapping show --item tells of one; until then they are rejected",
			"%d of %s would be rejected, of %s\n%s", t.unfit, counted(t.people, "person", "people"), t.scope(), strings.Join(t.rules(), "\n"))
	}
	return ok("%s fit, %d of them active (%s)", counted(t.people, "person", "people"), t.active, t.scope())
}

// try counts one item.
func (e *examination) try(view *mapping.View, item []byte, t *tally) {
	t.items++
	err := view.Load(item)
	if err == nil {
		matches, matchErr := view.Matches()
		if err = matchErr; err == nil && !matches {
			return
		}
	}
	t.people++
	var person mapping.Person
	if err == nil {
		person, err = view.Person()
	}
	if err != nil {
		t.unfit++
		t.broken[err.Error()]++
		return
	}
	if !person.Active {
		return
	}
	t.active++
	if rules := e.tooLong(person.Profile); len(rules) > 0 {
		t.unfit++
		for _, rule := range rules {
			t.broken[rule]++
		}
	}
}

// tooLong returns the lengths of the app's schema that a profile does not keep, as far as the schema is known.
func (e *examination) tooLong(profile []byte) (rules []string) {
	if !slices.ContainsFunc(e.attributes, limited) {
		return nil
	}
	var values map[string]*string
	if err := json.Unmarshal(profile, &values); err != nil {
		return []string{"profile is not an object of strings"}
	}
	for _, a := range e.attributes {
		value := values[a.UploadName()]
		if value == nil {
			continue
		}
		switch n := utf8.RuneCountInString(*value); {
		case n < a.MinLength:
			rules = append(rules, fmt.Sprintf("%s has less than the %d characters of the app's schema", a.UploadName(), a.MinLength))
		case a.MaxLength > 0 && n > a.MaxLength:
			rules = append(rules, fmt.Sprintf("%s has more than the %d characters of the app's schema", a.UploadName(), a.MaxLength))
		}
	}
	return rules
}

func limited(a okta.Attribute) bool { return a.MinLength > 0 || a.MaxLength > 0 }

// rules returns the broken rules, the most frequent first.
func (t *tally) rules() []string {
	names := slices.SortedFunc(maps.Keys(t.broken), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.broken[b], t.broken[a]), cmp.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d: %s", t.broken[name], name)
	}
	return names
}
