package sample

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/config"
	"rollcall/internal/items"
)

func TestCSVIsWhatTheGeneratorMakes(t *testing.T) {
	var text bytes.Buffer
	if err := WriteCSV(&text, People()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text.Bytes(), CSV) {
		t.Error("people.csv differs from the generator: run go generate ./internal/sample")
	}
}

func TestGenerate(t *testing.T) {
	if diff := cmp.Diff(Generate(7, 100), Generate(7, 200)[:100]); diff != "" {
		t.Errorf("the first people of a seed depend on the number:\n%s", diff)
	}
	if cmp.Equal(Generate(7, 10), Generate(8, 10)) {
		t.Error("two seeds make the same people")
	}
}

// TestEverybodyPassesTheDefaultMapping maps ten thousand people as a flush does.
func TestEverybodyPassesTheDefaultMapping(t *testing.T) {
	m, err := config.Default().CompileMapping()
	if err != nil {
		t.Fatal(err)
	}
	view := m.NewView()
	ids, emails := map[string]bool{}, map[any]bool{}
	for _, p := range Generate(Seed, 10_000) {
		body, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		item, err := items.FromJSON(body)
		if err != nil {
			t.Fatalf("%v: %v", p["id"], err)
		}
		if err := view.Load(item.JSON()); err != nil {
			t.Fatalf("%v: %v", p["id"], err)
		}
		if matches, err := view.Matches(); err != nil || !matches {
			t.Fatalf("%v: does not match, %v", p["id"], err)
		}
		person, err := view.Person()
		if err != nil || !person.Active {
			t.Fatalf("%v: active %v, %v", p["id"], person.Active, err)
		}
		ids[person.ExternalID], emails[p["email"]] = true, true
	}
	if len(ids) != 10_000 || len(emails) != 10_000 {
		t.Errorf("%d ids and %d emails of 10,000 people", len(ids), len(emails))
	}
}

// TestPeopleAreOfManyKinds keeps what the sample is for: scripts, countries, absent values, odd phone numbers.
func TestPeopleAreOfManyKinds(t *testing.T) {
	seen := map[string]int{}
	scripts := map[string]*unicode.RangeTable{
		"latin": unicode.Latin, "greek": unicode.Greek, "cyrillic": unicode.Cyrillic, "arabic": unicode.Arabic,
		"hebrew": unicode.Hebrew, "han": unicode.Han, "hangul": unicode.Hangul, "devanagari": unicode.Devanagari,
	}
	countries := map[any]bool{}
	for _, p := range People() {
		countries[p["country"]] = true
		for script, table := range scripts {
			for _, r := range fmt.Sprint(p["last_name"]) {
				if unicode.Is(table, r) {
					seen[script]++
					break
				}
			}
		}
		for _, column := range []string{"cell", "state"} {
			if p[column] == "" {
				seen["no "+column]++
			}
		}
	}
	for _, kind := range []string{"latin", "greek", "cyrillic", "arabic", "hebrew", "han", "hangul", "devanagari", "no cell", "no state"} {
		if seen[kind] == 0 {
			t.Errorf("nobody: %s", kind)
		}
	}
	if len(countries) < 15 {
		t.Errorf("only %d countries", len(countries))
	}
}
