package mapping_test

import (
	"strings"
	"testing"

	"rollcall/mapping"
)

// titleOf maps the item with an expression for title and returns the profile's title as JSON, or the error.
func titleOf(t *testing.T, expression, attributes string) string {
	t.Helper()
	spec := mapping.Spec{
		ExternalID: `"x"`, Active: "true",
		Profile: map[string]string{"userName": `"someone"`, "email": `"a@b.c"`, "title": expression},
	}
	m, err := mapping.Compile(spec)
	if err != nil {
		return "compile: " + err.Error()
	}
	profile, err := load(t, m, attributes).AppendProfile(nil)
	if err != nil {
		return err.Error()
	}
	_, title, _ := strings.Cut(string(profile), `"title":`)
	return strings.TrimSuffix(title, `,"userName":"someone"}`)
}

func TestExpressions(t *testing.T) {
	const item = `{"a":{"S":"A"},"b":{"S":"B"},"empty":{"S":""},"none":{"NULL":true},"n":{"N":"3"},"f":{"N":"12.5"},
		"big":{"N":"12345678901234567890123456789012345678"},"yes":{"BOOL":true},"l":{"L":[{"S":"x"},{"N":"1"}]},
		"m":{"M":{"city":{"S":"Oslo"}}},"ss":{"SS":["p","q"]},"bin":{"B":"AAEC"},"é":{"S":"accent"},
		"first-name":{"S":"dash"},"type":{"S":"person"},"count":{"N":"7"},"esc":{"S":"q\"\u00e9\ud83d\ude00"}}`
	for _, c := range []struct{ expression, want string }{
		{`a`, `"A"`},
		{`"lit"`, `"lit"`},
		{`7`, `"7"`},
		{`true`, `"true"`},
		{`absent`, `null`},
		{`empty`, `null`},
		{`none`, `null`},
		{`n`, `"3"`},
		{`f`, `"12.5"`},
		{`big`, `"12345678901234567890123456789012345678"`},
		{`yes`, `"true"`},
		{`type`, `"person"`},
		{`count`, `"7"`},
		{`é`, `"accent"`},
		{`esc`, `"q\"é😀"`},
		{`$env["first-name"]`, `"dash"`},
		{`a + " " + b`, `"A B"`},
		{`a + " " + absent`, `"A"`},
		{`absent + " " + b`, `"B"`},
		{`absent + " " + empty`, `null`},
		{`"<" + a + ">"`, `"<A>"`},
		{`"<" + absent + ">"`, `null`},
		{`"<" + absent + "," + b + ">"`, `"B>"`},
		{`"<" + a + "," + absent + ">"`, `"<A"`},
		{`a + "," + absent + ";" + b`, `"A;B"`},
		{`a + ("-" + b)`, `"A-B"`},
		{`n + n`, `"33"`},
		{`a + n + f`, `"A312.5"`},
		{`n + 1`, `"4"`},
		{`f * 2`, `"25"`},
		{`n > 2 ? a : b`, `"A"`},
		{`upper(b) + lower(a)`, `"Ba"`},
		{`absent ?? empty ?? a`, `"A"`},
		{`m.city`, `"Oslo"`},
		{`nowhere?.city`, `null`},
		{`l[0]`, `"x"`},
		{`join(ss, "+")`, `"p+q"`},
		{`let x = a; x + "-" + b`, `"A-B"`},
		{`big + ""`, `"12345678901234567890123456789012345678"`},
		{`big == "12345678901234567890123456789012345678" ? 1 : 0`, `"1"`},
		{`l`, `title cannot be made of attribute "l": it must be a text, a number or a boolean`},
		{`m`, `title cannot be made of attribute "m": it must be a text, a number or a boolean`},
		{`ss`, `title cannot be made of attribute "ss": it must be a text, a number or a boolean`},
		{`bin`, `title cannot be made of attribute "bin": it must be a text, a number or a boolean`},
		{`a + l`, `title cannot be made of attribute "l": it must be a text, a number or a boolean`},
		{`m ?? a`, `title cannot be made of this value: it must be a text, a number or a boolean`},
		{`nowhere.city`, `title expression fails at column 9`},
		{`int(a)`, `title expression fails at column 1`},
		{`esc[0:3]`, `title is not valid UTF-8`},
		{`now()`, `compile: profile.title: column 1: unknown name now`},
		{`toJSON($env)`, `compile: profile.title: column 8: $env can only be read as $env["name"]`},
		{`foo(a)`, `compile: profile.title: column 1: unknown name foo`},
		{`keys(m)[0]`, `compile: profile.title: column 1: unknown name keys`},
		{`[a]`, `compile: profile.title: is a list, but it must be a text, a number or a boolean`},
		{`1 + "a"`, `compile: profile.title: column 3: invalid operation: + (mismatched types int and string)`},
		{`a +`, `compile: profile.title: column 3: unexpected token EOF`},
		{``, `compile: profile.title: is missing`},
	} {
		if got := titleOf(t, c.expression, item); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.expression, got, c.want)
		}
	}
}
