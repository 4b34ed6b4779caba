package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"rollcall/internal/config"
	"rollcall/internal/items"
	"rollcall/mapping"
)

// firstSteps are three commands to try on a house: put a person, see the person in Okta, delete the person. Where nobody
// can be made up who fits the mapping, they are for an item that the user has.
func firstSteps(house string, c config.Config, m *mapping.Mapping) []string {
	jane, person := madeUp(c, m)
	if jane == nil {
		return []string{
			"rollcall mapping show --item item.json",
			"curl -X PUT " + house + "/items -d @item.json",
			"curl " + house + "/sim/users",
		}
	}
	return []string{
		"curl -X PUT " + house + "/items -d " + quoted(jane.text()),
		"curl " + house + "/sim/users/" + url.PathEscape(person.ExternalID),
		"curl -X DELETE " + house + "/items/" + url.PathEscape(fmt.Sprint(jane[0].value)),
	}
}

// quoted is a text as a shell takes it for one word.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// guesses are values for the attributes that the profile takes as they are.
var guesses = []struct{ attribute, value string }{
	{"email", "jane@example.com"}, {"userName", "jane@example.com"}, {"firstName", "Jane"}, {"lastName", "Doe"}, {"displayName", "Jane Doe"},
}

// madeUp returns an item, its key first, whom the mapping makes an active person; nil if the mapping asks for more than
// can be guessed.
func madeUp(c config.Config, m *mapping.Mapping) (draft, mapping.Person) {
	var guessed draft
	for _, g := range guesses {
		guessed.add(c.Mapping.Profile[g.attribute], g.value)
	}
	var jane draft
	for _, name := range []string{c.Key.Partition, c.Mapping.ExternalID} {
		jane.add(name, guessed.value(name, "jane"))
	}
	jane.add(c.Mapping.Active, true)
	for _, f := range guessed {
		jane.add(f.name, f.value)
	}
	read := m.Attributes()
	jane = slices.DeleteFunc(jane, func(f field) bool { // an expression is no attribute
		return f.name != c.Key.Partition && !slices.Contains(read, f.name)
	})

	item, err := items.FromJSON([]byte(jane.text()))
	if err != nil {
		return nil, mapping.Person{}
	}
	view := m.NewView()
	if err := view.Load(item.JSON()); err != nil {
		return nil, mapping.Person{}
	}
	if matches, err := view.Matches(); err != nil || !matches {
		return nil, mapping.Person{}
	}
	person, err := view.Person()
	if err != nil || !person.Active {
		return nil, mapping.Person{}
	}
	return jane, person
}

// draft is an item that is being made up.
type draft []field

type field struct {
	name  string
	value any // a string or a boolean
}

// add adds an attribute, unless it is there.
func (d *draft) add(name string, value any) {
	if name != "" && !slices.ContainsFunc(*d, func(f field) bool { return f.name == name }) {
		*d = append(*d, field{name, value})
	}
}

// value returns an attribute's value, or the other one if it is not there.
func (d draft) value(name string, other any) any {
	for _, f := range d {
		if f.name == name {
			return f.value
		}
	}
	return other
}

// text is the item as JSON.
func (d draft) text() string {
	var parts []string
	for _, f := range d {
		name, _ := json.Marshal(f.name)
		value, _ := json.Marshal(f.value)
		parts = append(parts, string(name)+":"+string(value))
	}
	return "{" + strings.Join(parts, ",") + "}"
}
