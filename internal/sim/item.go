package sim

import (
	"fmt"
	"strings"

	"rollcall/intent"
	"rollcall/internal/items"
	"rollcall/mapping"
)

// chief is the title that protects whoever has it.
const chief = "chief"

// item is what a row of the table says about a person. Every text is plain ASCII without quotes.
type item struct {
	id     string
	active string // BOOL or, where it is "yes" or "no", a word; empty leaves the attribute out
	email  string
	first  string
	last   string
	title  string
	note   string // as long as it takes to fill a load
	robot  bool   // not a person at all
	seen   int    // a column that Okta does not hear of
}

// The table's key is the externalId, or with an index an attribute of its own.
const (
	keyAttribute = "id"
	rowAttribute = "row"
)

func schemaOf(indexed bool) items.Schema {
	if indexed {
		return items.Schema{Partition: items.Attribute{Name: rowAttribute}}
	}
	return items.Schema{Partition: items.Attribute{Name: keyAttribute}}
}

// keyOf is the key of a row.
func keyOf(indexed bool, row int, id string) intent.Key {
	if indexed {
		return intent.Key(fmt.Sprintf(`{"row":{"S":"%s"}}`, rowName(row)))
	}
	return intent.Key(fmt.Sprintf(`{"id":{"S":"%s"}}`, id))
}

// rowName names a row. The names have the order of the rows, also of a hundred and more.
func rowName(row int) string {
	if row >= 100 {
		return fmt.Sprintf("s%03d", row)
	}
	return fmt.Sprintf("r%02d", row)
}

// json is the item as DynamoDB JSON.
func (i item) json(row int) []byte {
	var b strings.Builder
	text := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, `,"%s":{"S":"%s"}`, name, value)
		}
	}
	fmt.Fprintf(&b, `{"row":{"S":"%s"},"seen":{"N":"%d"}`, rowName(row), i.seen)
	text(keyAttribute, i.id)
	switch i.active {
	case "true", "false":
		fmt.Fprintf(&b, `,"active":{"BOOL":%s}`, i.active)
	default:
		text("active", i.active)
	}
	text("email", i.email)
	text("first", i.first)
	text("last", i.last)
	text("title", i.title)
	text("note", i.note)
	if i.robot {
		text("kind", "robot")
	} else {
		text("kind", "person")
	}
	b.WriteByte('}')
	return []byte(b.String())
}

// mappingOf is the mapping of the items. With match, robots are no people; without, there are none. Fat people
// have a note besides.
func mappingOf(f flavor) (*mapping.Mapping, error) {
	spec := mapping.Spec{
		ExternalID: keyAttribute, Active: "active", Match: "true",
		Profile: map[string]string{
			"userName": "email", "email": "email", "firstName": "first", "lastName": "last",
			"title": "title", "displayName": `first + " " + last`,
		},
		Protect: []string{`title == "` + chief + `"`},
	}
	if f.fat {
		spec.Profile["note"] = "note"
	}
	if f.match {
		spec.Match = `kind == "person"`
	}
	return mapping.Compile(spec)
}

// profile is the mapping by hand: what Okta must hold of an active person.
func (i item) profile() map[string]string {
	p := map[string]string{}
	for name, value := range map[string]string{
		"userName": i.email, "email": i.email, "firstName": i.first, "lastName": i.last, "title": i.title, "note": i.note,
		"displayName": strings.TrimSpace(i.first + " " + i.last),
	} {
		if value != "" {
			p[name] = value
		}
	}
	return p
}

// state is what an item says about the person whose externalId it has.
type state uint8

const (
	stateNobody state = iota // no person at all
	stateActive
	stateInactive
	stateBad // cannot be mapped
)

func (i item) state() state {
	switch {
	case i.robot:
		return stateNobody
	case i.active == "":
		return stateBad
	case i.active == "false" || i.active == "no":
		return stateInactive
	case i.email == "" || !strings.Contains(i.email, "@") || len(i.first) > 50:
		return stateBad
	}
	return stateActive
}
