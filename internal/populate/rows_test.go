package populate

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRows(t *testing.T) {
	file := "\ufeffid,active,name,note\n" +
		"jane,TRUE,\"Doe, Jane\",\n" +
		"joe,No,Joe\n" +
		"\n" +
		"jim,maybe,Jim,x\n" +
		"a\"b,true,Quote,x\n" +
		"eve,1,\"two\nlines\",x\n" +
		"bad,0,\xff,x\n" +
		"zoë,0,最後,x"
	rows, err := NewRows(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	want := []any{
		Row{Line: 2, Item: map[string]any{"id": "jane", "active": true, "name": "Doe, Jane", "note": ""}},
		"line 3: has 3 fields, the header 4",
		"line 5: active: must be true, false, yes, no, 1 or 0",
		"line 6: bare \" in non-quoted-field",
		Row{Line: 7, Item: map[string]any{"id": "eve", "active": true, "name": "two\nlines", "note": "x"}},
		"line 9: name: is not UTF-8",
		Row{Line: 10, Item: map[string]any{"id": "zoë", "active": false, "name": "最後", "note": "x"}},
	}
	if diff := cmp.Diff(want, readAll(t, rows)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// readAll returns a Row, or the text of a RowError, for each row.
func readAll(t *testing.T, rows *Rows) []any {
	t.Helper()
	var all []any
	for {
		row, err := rows.Next()
		var bad *RowError
		switch {
		case errors.Is(err, io.EOF):
			return all
		case errors.As(err, &bad):
			all = append(all, bad.Error())
		case err != nil:
			t.Fatal(err)
		default:
			all = append(all, row)
		}
	}
}

func TestNewRowsRefuses(t *testing.T) {
	for file, want := range map[string]string{
		"":                 "the file is empty",
		"\ufeff":           "the file is empty",
		"id,,name\n":       "column 2 has no name in UTF-8",
		"id,name,name\n":   "column 3 has the name of an earlier one",
		"id,\"name\nx,y\n": "extraneous or missing",
	} {
		if _, err := NewRows(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NewRows(%q): %v, want %s", file, err, want)
		}
	}
}
