package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fiveMistakes has an unknown key, a wrong type, a value out of range, a duration without a unit and an identity that no
// key and no index determines.
const fiveMistakes = `table: people
tabel: people
guard:
  min: "hunter2"
  percent: 250
gather: {quiet: 13}
key:
  partition: email
`

func TestLoadReportsAllMistakesAtOnce(t *testing.T) {
	_, err := load("rollcall.yaml", []byte(fiveMistakes), noEnvironment, nil)
	want := []string{
		"rollcall.yaml:2:1: tabel: no such setting",
		"rollcall.yaml:4:8: guard.min: must be a whole number",
		"rollcall.yaml:5:12: guard.percent: must be from 0 to 100",
		"rollcall.yaml:6:17: gather.quiet: must be a duration with its unit, such as 500ms, 5s or 1m",
		"ROLLCALL_EXTERNAL_ID_INDEX: externalIdIndex: must name a secondary index on the externalId attribute, unless " +
			"mapping.externalId is the plain name of key.partition and there is no key.sort",
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	for _, value := range []string{"hunter2", "250", "13"} {
		if strings.Contains(err.Error(), value) {
			t.Errorf("the error shows the value %s", value)
		}
	}
}

func TestLoadProblems(t *testing.T) {
	cases := []struct {
		name     string
		file     string
		env      map[string]string
		required []string
		want     []string
	}{
		{name: "not YAML", file: "table: people\nkey: {partition: id", want: []string{"1:1: not YAML: did not find expected ',' or '}'"}},
		{name: "a list", file: "- table\n", want: []string{"1:1: must hold settings, each on a line of its own"}},
		{name: "a section that is a text", file: "okta: acme\n", want: []string{"1:7: okta: must hold settings, each on a line of its own"}},
		{name: "an empty section", file: "okta:\nqueue:\n"},
		{name: "an empty file", file: "# nothing yet\n"},
		{name: "two documents", file: "table: people\n---\ntable: staff\n", want: []string{"2:1: a second document: a configuration is one"}},
		{name: "a key twice", file: "table: people\ntable: staff\n", want: []string{"2:1: table: is given twice"}},
		{name: "a key that is no text", file: "{[a]: b}\n", want: []string{"1:2: a name must be a text"}},
		{name: "null without quotes", file: "absent: null\n", want: []string{"1:9: absent: has no value; the word null needs quotes, and so does an empty one"}},
		{name: "a quoted number", file: "readRate: \"5\"\n", want: []string{"1:11: readRate: must be a number"}},
		{name: "no finite number", file: "readRate: .inf\n", want: []string{"1:11: readRate: must be a number"}},
		{name: "no boolean", file: "urgent: {enabled: on}\n", want: []string{"1:19: urgent.enabled: must be true or false"}},
		{name: "a text that YAML takes for a boolean", file: "mapping: {match: true, active: true}\n"},
		{name: "a list where a text belongs", file: "table: [people]\n", want: []string{"1:8: table: must be a text"}},
		{name: "a text where a list belongs", file: "guard: {protect: ceo}\n", want: []string{"1:18: guard.protect: must be a list, as in [ann, bob]"}},
		{name: "an empty line of a list", file: "guard: {protect: [ceo, \"\"]}\n", want: []string{"1:24: guard.protect[1]: must not be empty"}},
		{name: "an alias", file: "key: {partition: &p id, sort: *p}\nexternalIdIndex: by-person\n",
			want: []string{"1:18: key.sort: must be another attribute than key.partition"}},
		{name: "a variable of the wrong type", env: map[string]string{"ROLLCALL_GUARD_MIN": "many"},
			want: []string{"ROLLCALL_GUARD_MIN: guard.min: must be a whole number"}},
		{name: "a variable out of range", file: "okta: {rateShare: 0.5}\n", env: map[string]string{"ROLLCALL_OKTA_RATE_SHARE": "2"},
			want: []string{"ROLLCALL_OKTA_RATE_SHARE: okta.rateShare: must be above 0 and at most 1"}},
		{name: "a variable mends the file", file: "guard: {min: many}\n", env: map[string]string{"ROLLCALL_GUARD_MIN": "3"},
			want: []string{"1:14: guard.min: must be a whole number"}},
		{name: "a list that cannot be read", env: map[string]string{"ROLLCALL_GUARD_PROTECT": "[ceo"},
			want: []string{"ROLLCALL_GUARD_PROTECT: guard.protect: must be written as in the file, on one line: {a: b} or [a, b]"}},
		{name: "missing", file: "queue:\n  urgent: \"\"\n", required: []string{"queue.intents", "queue.urgent", "okta.orgUrl", "okta.secretArn"},
			want: []string{
				"2:3: queue.intents: must be set",
				"ROLLCALL_OKTA_ORG_URL: okta.orgUrl: must be set",
				"ROLLCALL_OKTA_SECRET_ARN: okta.secretArn: must be set, or OKTA_API_TOKEN, or a private key",
			}},
		{name: "a token will do", required: []string{"okta.secretArn"}, env: map[string]string{"OKTA_API_TOKEN": "00abc"}},
		{name: "the urgent lane needs its queue", file: "urgent: {enabled: true}\n", required: []string{"queue.urgent"},
			want: []string{"ROLLCALL_QUEUE_URGENT: queue.urgent: must be set where urgent.enabled is true"}},
		{name: "broken and required is said once", file: "table: [people]\ncontrol: people\n", required: []string{"table"},
			want: []string{"1:8: table: must be a text", "2:10: control: must be another table than that of the people"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load([]byte(c.file), environ(c.env), c.required...)
			var got []string
			for _, p := range Problems(err) {
				got = append(got, p.Error())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if (err == nil) != (len(got) == 0) {
				t.Errorf("error %v, but %d problems", err, len(got))
			}
		})
	}
}
