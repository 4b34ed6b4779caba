// Package sample makes fictitious people to try rollcall with: names in many scripts, addresses that do not exist, odd
// phone numbers, addresses of example.com. Everybody is active.
package sample

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
)

//go:generate go run ./gen -o people.csv

// CSV is people.csv: the people of People, with a header.
//
//go:embed people.csv
var CSV []byte

// Seed and Count are those of People.
const (
	Seed  = 1
	Count = 100
)

// Columns returns the attributes of a person in the order of the CSV file.
func Columns() []string {
	return []string{
		"id", "active", "title", "first_name", "last_name", "street_number", "street_name",
		"city", "state", "country", "postcode", "email", "phone", "cell", "dob",
	}
}

// People returns the hundred people of people.csv as items: active is a bool, everything else a string.
func People() []map[string]any { return Generate(Seed, Count) }

// Generate returns n people, the same ones for the same seed, and the first n of any longer list of that seed. Each has
// an id and an email of their own.
func Generate(seed uint64, n int) []map[string]any {
	d := newDice(seed)
	people := make([]map[string]any, 0, n)
	names := make(map[string]int, n)
	for range n {
		people = append(people, person(d, names))
	}
	return people
}

// person throws one person. Names counts how often a login was taken.
func person(d *dice, names map[string]int) map[string]any {
	country := countries[d.below(len(countries))]
	first, last := pick(d, country.first), pick(d, country.last)
	town := pick(d, country.towns)
	login := first.latin + "." + last.latin
	names[login]++
	if again := names[login]; again > 1 {
		login = fmt.Sprintf("%s%d", login, again)
	}
	return map[string]any{
		"id":            login,
		"active":        true,
		"title":         pick(d, country.titles),
		"first_name":    first.name,
		"last_name":     last.name,
		"street_number": fmt.Sprint(1 + d.below(9999)),
		"street_name":   pick(d, country.streets),
		"city":          town.city,
		"state":         town.state,
		"country":       country.code,
		"postcode":      d.digits(town.postcode),
		"email":         login + "@example.com",
		"phone":         d.digits(pick(d, country.phones)),
		"cell":          d.digits(pick(d, country.cells)),
		"dob": fmt.Sprintf("%d-%02d-%02dT%02d:%02d:%02d.%03dZ", 1950+d.below(55), 1+d.below(12), 1+d.below(28),
			d.below(24), d.below(60), d.below(60), d.below(1000)),
	}
}

// WriteCSV writes people with a header.
func WriteCSV(w io.Writer, people []map[string]any) error {
	out := csv.NewWriter(w)
	if err := out.Write(Columns()); err != nil {
		return fmt.Errorf("write header: %w", err)
	}
	for i, p := range people {
		var row []string
		for _, column := range Columns() {
			row = append(row, fmt.Sprint(p[column]))
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("write person %d: %w", i+1, err)
		}
	}
	out.Flush()
	return out.Error()
}
