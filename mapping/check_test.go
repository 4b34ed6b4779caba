package mapping_test

import (
	"fmt"
	"slices"
	"testing"
)

func TestCheckFindsEverything(t *testing.T) {
	spec := tutorial()
	spec.Match = `(kind ?? "person") == "person"`
	spec.Profile["nickname"] = `lower(first_name ?? "") + (nick ?? "")` // a program
	v := compile(t, spec).NewView()
	for _, c := range []struct {
		item string
		want []string
	}{
		{jane, nil},
		{`{"id":{"S":"jane"},"active":{"S":"no"},"email":{"S":"nonsense"}}`, nil},
		{`{"kind":{"S":"machine"}}`, nil},
		{`{}`, []string{"externalId is absent", "active is absent", "email is absent", "userName is absent"}},
		{
			`{"id":{"S":""},"active":{"S":"perhaps"},"email":{"S":"nonsense"},"country":{"S":"Norway"},"title":{"S":"a\u0007"},"city":{"L":[]}}`,
			[]string{
				"active is neither a boolean nor one of true, false, yes, no, 1, 0",
				`city cannot be made of attribute "city": it must be a text, a number or a boolean`,
				"countryCode has more than 2 characters", "email is not an e-mail address", "externalId is absent", "title has a control character",
			},
		},
		// What cannot be read is said once, and nothing is said of what would be made of it.
		{
			`{"id":{"ZZ":"jane"},"email":{"S":"a@b.c","N":"1"},"first_name":{"N":"x"},"active":{"BOOL":true},"country":{"S":"XX"},"dob":{"ZZ":1}}`,
			[]string{
				`attribute "email" is not of one type`, `attribute "first_name" has a malformed N`, `attribute "id" has the unknown type ZZ`,
				"countryCode is not an ISO 3166-1 alpha-2 code in capitals",
			},
		},
		{`{"id":{"S":"jane"},"id":{"S":"jane"},"active":{"BOOL":false}}`, []string{`attribute "id" is there twice`}},
		{`{"id":{"S":"jane"}`, []string{"item is not JSON from byte 18 on"}},
		{`[]`, []string{"item is not a JSON object"}},
	} {
		var got []string
		for _, problem := range v.Check([]byte(c.item)) {
			got = append(got, fmt.Sprint(problem))
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.item, got, c.want)
		}
	}
}
