package populate

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// told is a Report that remembers.
type told struct {
	put []string
	bad []string
}

func (r *told) Put(row Row)       { r.put = append(r.put, fmt.Sprint(row.Item["id"])) }
func (r *told) Bad(bad *RowError) { r.bad = append(r.bad, bad.Error()) }

func newRows(t *testing.T, file string) *Rows {
	t.Helper()
	rows, err := NewRows(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRunPutsGoodRowsAndReportsBadOnes(t *testing.T) {
	var bodies []map[string]any
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var item map[string]any
		if err := json.NewDecoder(r.Body).Decode(&item); err != nil || r.Method != http.MethodPut || r.URL.Path != "/items" {
			t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
		switch item["id"] {
		case "huge":
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"message":"the item is too large"}`)
		case "odd":
			w.WriteHeader(http.StatusConflict)
			io.WriteString(w, "<html>\n no </html>")
		default:
			bodies = append(bodies, item)
		}
	}))
	defer api.Close()
	var report told
	file := "id,active,shoe size\njane,true,38\nhuge,true,1\njoe,perhaps,45\nodd,true,1\nzoë,false,\n"
	if err := Run(t.Context(), api.Client(), api.URL+"/items", newRows(t, file), &report); err != nil {
		t.Fatal(err)
	}
	want := told{
		put: []string{"jane", "zoë"},
		bad: []string{"line 3: the item is too large", "line 4: active: must be true, false, yes, no, 1 or 0", "line 5: <html> no </html>"},
	}
	if diff := cmp.Diff(want, report, cmp.AllowUnexported(told{})); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	items := []map[string]any{
		{"id": "jane", "active": true, "shoe size": "38"},
		{"id": "zoë", "active": false, "shoe size": ""},
	}
	if diff := cmp.Diff(items, bodies); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

func TestRunTriesAgainWhereTheAPICannotJustNow(t *testing.T) {
	calls := 0
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer api.Close()
	var report told
	if err := Run(t.Context(), api.Client(), api.URL, newRows(t, "id\njane\njoe\n"), &report); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"jane", "joe"}, report.put); diff != "" || calls != 3 {
		t.Errorf("%d calls, put %v", calls, report.put)
	}
}

func TestRunEnds(t *testing.T) {
	t.Run("where nobody is let in", func(t *testing.T) {
		calls := 0
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"message":"Forbidden"}`)
		}))
		defer api.Close()
		err := Run(t.Context(), api.Client(), api.URL, newRows(t, "id\njane\njoe\n"), &told{})
		if err == nil || err.Error() != "put line 2: the API answers 403 Forbidden: Forbidden" || calls != 1 {
			t.Errorf("%d calls: %v", calls, err)
		}
	})
	t.Run("where it is interrupted", func(t *testing.T) {
		api := httptest.NewServer(http.NotFoundHandler())
		api.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := Run(ctx, http.DefaultClient, api.URL, newRows(t, "id\njane\n"), &told{}); err == nil {
			t.Error("an API that is not there must be an error")
		}
	})
}
