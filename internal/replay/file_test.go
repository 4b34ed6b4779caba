package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/checkpoint"
	"rollcall/internal/config"
	"rollcall/internal/enqueue"
)

func TestFileRecognisesLinesByTheirShape(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		want []string
	}{
		"record":            {record("1", "ann", "", item("ann", true)), []string{"upsert ann"}},
		"payload":           {`{"Records":[` + record("1", "ann", "", item("ann", true)) + "," + record("2", "bob", item("bob", true), "") + `]}`, []string{"upsert ann", "deactivate bob"}},
		"no change":         {record("1", "ann", item("ann", true), item("ann", true)), nil},
		"on-failure record": {`{"requestContext":{"condition":"RetryAttemptsExhausted"},"DDBStreamBatchInfo":{"shardId":"s"},"payload":{"Records":[` + record("1", "ann", item("ann", true), "") + `]}}`, []string{"deactivate ann"}},
		"full export":       {`{"Item":` + item("ann", true) + `}`, []string{"upsert ann"}},
		"leaver's item":     {`{"Item":` + item("ann", false) + `}`, []string{"upsert ann"}},
		"put, as a number":  {`{"Metadata":{"WriteTimestampMicros":1690000000000000},"Keys":{"id":{"S":"ann"}},"NewImage":` + item("ann", true) + `}`, []string{"upsert ann"}},
		"put, as a text":    {`{"Metadata":{"WriteTimestampMicros":"1690000000000000"},"Keys":{"id":{"S":"ann"}},"NewImage":` + item("ann", true) + `}`, []string{"upsert ann"}},
		"delete, as an N":   {`{"Metadata":{"WriteTimestampMicros":{"N":"1690000000000000"}},"Keys":{"id":{"S":"ann"}},"OldImage":` + item("ann", true) + `}`, []string{"deactivate ann"}},
		"delete, key alone": {`{"Metadata":{"WriteTimestampMicros":{"N":"1690000000000000"}},"Keys":{"id":{"S":"ann"}}}`, []string{"deactivate ann"}},
		"change":            {`{"Metadata":{"WriteTimestampMicros":{"N":"1690000000000000"}},"Keys":{"id":{"S":"ann"}},"OldImage":` + item("ann", true) + `,"NewImage":` + item("ann", false) + `}`, []string{"upsert ann"}},
		"set to inactive":   {record("1", "ann", item("ann", true), item("ann", false)), []string{"upsert ann"}},
		"renamed":           {record("1", "ann", item("ann", true), item("bob", false)), []string{"deactivate ann", "upsert bob"}},
		"bad record":        {`{"eventName":"INSERT","dynamodb":{}}`, []string{"reject record has no keys"}},
	} {
		t.Run(name, func(t *testing.T) {
			var q queue
			report, err := File(t.Context(), "x", strings.NewReader(c.line), options(t, &q))
			if err != nil || len(report.Problems) > 0 {
				t.Errorf("%+v, %v", report, err)
			}
			q.wants(t, c.want...)
		})
	}
}

// TestFileSaysWhoWasProtected: of whoever a record says left, by the image before it where there is one.
func TestFileSaysWhoWasProtected(t *testing.T) {
	cfg := config.Default()
	cfg.Guard.Protect = []string{`expr:first_name == "A"`}
	compiled, err := cfg.CompileMapping()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		line string
		want bool
	}{
		"record":            {record("1", "ann", item("ann", true), ""), true},
		"delete":            {`{"Metadata":{"WriteTimestampMicros":1690000000000000},"Keys":{"id":{"S":"ann"}},"OldImage":` + item("ann", true) + `}`, true},
		"delete, key alone": {`{"Metadata":{"WriteTimestampMicros":1690000000000000},"Keys":{"id":{"S":"ann"}}}`, false},
		"set to inactive":   {record("1", "ann", item("ann", true), item("ann", false)), false}, // which says nothing of a leaver here
	} {
		var q queue
		o := options(t, &q)
		o.Mapping = compiled
		if _, err := File(t.Context(), "x", strings.NewReader(c.line), o); err != nil {
			t.Fatal(err)
		}
		if len(q.bodies) != 1 || strings.Contains(q.bodies[0], `"protected":true`) != c.want {
			t.Errorf("%s: %s, want it said: %t", name, q.bodies, c.want)
		}
	}
}

func TestFileTellsWhenAnExportedChangeWasMade(t *testing.T) {
	for _, micros := range []string{`1690000000999999`, `"1690000000999999"`, `{"N":"1690000000999999"}`, `{"N":1690000000999999}`} {
		line := `{"Metadata":{"WriteTimestampMicros":` + micros + `},"Keys":{"id":{"S":"ann"}},"NewImage":` + item("ann", true) + `}`
		var q queue
		if _, err := File(t.Context(), "x", strings.NewReader(line), options(t, &q)); err != nil {
			t.Fatal(err)
		}
		if len(q.bodies) != 1 || !strings.Contains(q.bodies[0], `"changed":1690000000}`) {
			t.Errorf("%s: %s", micros, q.bodies)
		}
	}
}

func TestFileNamesBadLinesAndGoesOn(t *testing.T) {
	lines := []string{
		"", `{"Item":` + item("secret", true), "\t", `{"Item":` + item("ann", true) + `}`, `[]`, `{"some":"thing"}`,
		`{"requestContext":{},"DDBStreamBatchInfo":{"shardId":"s"}}`, `{"Records":7}`, `{"Item":{"email":{"S":"secret"}}}`,
		`{"Metadata":{"WriteTimestampMicros":{"S":"secret"}},"Keys":{"id":{"S":"a"}}}`, `{"Item":` + item("bob", true) + `}`,
	}
	var q queue
	var told []Problem
	o := options(t, &q)
	o.Problem = func(p Problem) { told = append(told, p) }
	report, err := File(t.Context(), "x.jsonl", strings.NewReader(strings.Join(lines, "\r\n")), o)
	if err != nil {
		t.Fatal(err)
	}
	q.wants(t, "upsert ann", "upsert bob")
	want := []string{"line 2: not a JSON object: at byte", "line 5: not a JSON object", "line 6: not a record", "line 7: it names a range of the stream",
		"line 8: payload has no array of Records", `line 9: key attribute "id" is missing`, "line 10: WriteTimestampMicros is not a number"}
	if len(told) != len(want) || len(report.Problems) != len(want) {
		t.Fatalf("%d problems: %v", len(told), told)
	}
	for i, p := range told {
		if !strings.HasPrefix(p.String(), "x.jsonl, "+want[i]) || strings.Contains(p.String(), "secret") {
			t.Errorf("got %q, want %q", p, want[i])
		}
	}
}

func TestFileWithoutAQueueOnlyCounts(t *testing.T) {
	report, err := File(t.Context(), "x", strings.NewReader(record("1", "ann", "", item("ann", true))), options(t, nil))
	if err != nil || report.Records != 1 || report.Upserts != 1 || report.Messages != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestFileGoesOnWhereItWasInterrupted(t *testing.T) {
	const people = 7000
	var text strings.Builder
	fmt.Fprintln(&text, "no record")
	for n := range people {
		fmt.Fprintf(&text, "{\"Item\":%s}\n", item(fmt.Sprintf("p%d", n), true))
	}
	path := filepath.Join(t.TempDir(), "c.json")
	q := &queue{most: 2}
	run := func(in io.Reader) (Report, error) {
		t.Helper()
		o := options(t, q)
		var err error
		if o.Checkpoint, err = checkpoint.Open(path, "x", false); err != nil {
			t.Fatal(err)
		}
		return File(t.Context(), "x", in, o)
	}
	report, err := run(strings.NewReader(text.String()))
	if report.ProblemCount() != 1 {
		t.Errorf("the first part has %d problems", report.ProblemCount())
	}
	if !errors.Is(err, errAway) || !strings.Contains(err.Error(), "send 10 of 10 messages") || report.Upserts != 2*enqueue.SendAt || report.Messages != 20 {
		t.Fatalf("got %+v, %v", report, err)
	}
	q.most = 0
	report, err = run(io.MultiReader(strings.NewReader(text.String()))) // no io.Seeker
	// The counts and the problems are of both parts.
	if err != nil || report.Records != people || report.Messages != people/200 || report.Interruptions != 1 || report.ProblemCount() != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	if twice := q.reached(t, people); twice > 0 {
		t.Errorf("%d people came twice", twice)
	}
	if report, err = run(strings.NewReader(text.String())); err != nil || report.Records != people || report.Interruptions != 0 {
		t.Errorf("after one that was done, %+v, %v", report, err)
	}
}

func TestProblemsAreKeptUpToABound(t *testing.T) {
	const bad = 5 * maxProblems
	var q queue
	told := 0
	o := options(t, &q)
	o.Problem = func(Problem) { told++ }
	report, err := File(t.Context(), "x", strings.NewReader(strings.Repeat("no record\n", bad)+`{"Item":`+item("ann", true)+`}`), o)
	if err != nil || told != maxProblems || len(report.Problems) != maxProblems || report.ProblemCount() != bad {
		t.Errorf("%d told, %d kept, %d in all, %v", told, len(report.Problems), report.ProblemCount(), err)
	}
	q.wants(t, "upsert ann")
}

func TestFileEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var q queue
	if _, err := File(ctx, "x", strings.NewReader(record("1", "ann", "", item("ann", true))), options(t, &q)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	q.wants(t)
}
