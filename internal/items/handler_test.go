package items_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rollcall/intent"
	"rollcall/internal/embedded"
	"rollcall/internal/items"
)

func newHandler(t *testing.T, key string) *items.Handler {
	t.Helper()
	db, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	table, err := db.Table(t.Context(), embedded.TableOptions{Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: key}}})
	if err != nil {
		t.Fatal(err)
	}
	return &items.Handler{Table: table, Key: key, Failed: func(err error) { t.Errorf("the table failed: %v", err) }}
}

func call(h http.Handler, method, target, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	return w
}

func TestRoutes(t *testing.T) {
	h := newHandler(t, "id")
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	for _, c := range []struct {
		method, target, body string
		status               int
		want                 string
	}{
		{"GET", "/items", "", 200, `[]`},
		{"PUT", "/items", `{"id":"jane","name":"Jané","age":36,"tags":["a",1.50,null],"home":{"city":"Ulm","ok":true}}`, 200, `"Put item jane"`},
		{"GET", "/items/jane", "", 200, `{"age":36,"home":{"city":"Ulm","ok":true},"id":"jane","name":"Jané","tags":["a",1.5,null]}`},
		{"PUT", "/items", `{"id":"jane","n":12345678901234567890123456789012345678}`, 200, `"Put item jane"`},
		{"GET", "/items/jane", "", 200, `{"id":"jane","n":12345678901234567890123456789012345678}`},
		{"PUT", "/items", `{"id":"a/b c%d?é\"#"}`, 200, `"Put item a/b c%d?é\"#"`},
		{"GET", "/items/a%2Fb%20c%25d%3F%C3%A9%22%23", "", 200, `{"id":"a/b c%d?é\"#"}`},
		{"GET", "/items", "", 200, `[{"id":"a/b c%d?é\"#"},{"id":"jane","n":12345678901234567890123456789012345678}]`},
		{"DELETE", "/items/a%2Fb%20c%25d%3F%C3%A9%22%23", "", 200, `"Deleted item a/b c%d?é\"#"`},
		{"DELETE", "/items/jane", "", 200, `"Deleted item jane"`},
		{"DELETE", "/items/jane", "", 404, `{"message":"no such item"}`},
		{"GET", "/items/jane", "", 404, `{"message":"no such item"}`},
		{"PUT", "/items", `{"id":".."}`, 200, `"Put item .."`},
		{"GET", "/items/%2E%2E", "", 200, `{"id":".."}`},
		{"GET", "/items/%FF", "", 400, `{"message":"a key that is not valid UTF-8"}`},
		{"GET", "/items/", "", 404, `{"message":"no such path: the items are at /items"}`},
		{"GET", "/", "", 404, `{"message":"no such path: the items are at /items"}`},
		{"POST", "/items", `{"id":"x"}`, 405, `{"message":"method not allowed here: GET, HEAD, PUT"}`},
		{"PUT", "/items/x", `{"id":"x"}`, 405, `{"message":"method not allowed here: DELETE, GET, HEAD"}`},
		{"PUT", "/items", ``, 400, `{"message":"the JSON ends too early"}`},
		{"PUT", "/items", `[]`, 400, `{"message":"the body is not a JSON object"}`},
		{"PUT", "/items", `"id"`, 400, `{"message":"the body is not a JSON object"}`},
		{"PUT", "/items", `null`, 400, `{"message":"the body is not a JSON object"}`},
		{"PUT", "/items", `{"id":"x"`, 400, `{"message":"the JSON ends too early"}`},
		{"PUT", "/items", `{"id":"x"} {}`, 400, `{"message":"something follows the JSON value"}`},
		{"PUT", "/items", `{"id":"x","id":"y"}`, 400, `{"message":"a name occurs twice before byte 10"}`},
		{"PUT", "/items", `{"name":"x"}`, 400, `{"message":"key attribute \"id\" is missing"}`},
		{"PUT", "/items", `{"id":1}`, 400, `{"message":"key attribute \"id\" is of type N, not S"}`},
		{"PUT", "/items", `{"id":null}`, 400, `{"message":"key attribute \"id\" is of type NULL, not S"}`},
		{"PUT", "/items", `{"id":""}`, 400, `{"message":"key attribute \"id\" is empty"}`},
		{"PUT", "/items", `{"id":"x","n":1e400}`, 400, `{"message":"read item: attribute \"n\": a number outside of 1E-130 to 9.99E+125"}`},
		{"PUT", "/items", `{"id":"x","d":` + deep + `}`, 400, ""},
		{"PUT", "/items", `{"id":"` + strings.Repeat("x", 2049) + `"}`, 400, `{"message":"key attribute \"id\" is longer than 2048 bytes"}`},
		{"PUT", "/items", `{"id":"x","s":"` + strings.Repeat("x", 400<<10) + `"}`, 413, `{"message":"the body is longer than 400 KB"}`},
		{"PUT", "/items", `{"id":"x","s":"` + strings.Repeat("x", 409_000) + `"}`, 200, `"Put item x"`},
	} {
		w := call(h, c.method, c.target, c.body)
		if w.Code != c.status || (c.want != "" && w.Body.String() != c.want) {
			t.Errorf("%s %s %.80s = %d %.200s, want %d %s", c.method, c.target, c.body, w.Code, w.Body, c.status, c.want)
		}
		if got := w.Header().Get("Content-Type"); got != "application/json" {
			t.Errorf("%s %s: content type %q", c.method, c.target, got)
		}
	}
}

func TestKeyAttributeIsConfigurable(t *testing.T) {
	h := newHandler(t, "badge")
	if w := call(h, "PUT", "/items", `{"badge":"b7","id":5}`); w.Code != 200 {
		t.Errorf("put = %d %s", w.Code, w.Body)
	}
	if w := call(h, "GET", "/items/b7", ""); w.Body.String() != `{"badge":"b7","id":5}` {
		t.Errorf("get = %d %s", w.Code, w.Body)
	}
	if w := call(h, "PUT", "/items", `{"id":"x"}`); w.Code != 400 {
		t.Errorf("put without the key attribute = %d %s", w.Code, w.Body)
	}
}

func TestListPages(t *testing.T) {
	h := newHandler(t, "id")
	var want []string
	for n := range 1201 {
		item := fmt.Sprintf(`{"id":"p%04d"}`, n)
		want = append(want, item)
		if w := call(h, "PUT", "/items", item); w.Code != 200 {
			t.Fatalf("put = %d %s", w.Code, w.Body)
		}
	}
	whole := "[" + strings.Join(want, ",") + "]"
	if w := call(h, "GET", "/items", ""); w.Body.String() != whole {
		t.Errorf("list of 1,201 = %d bytes, want %d", w.Body.Len(), len(whole))
	}
	var got []string
	target, pages := "/items?limit=400", 0
	for ; target != ""; pages++ {
		w := call(h, "GET", target, "")
		got = append(got, strings.Trim(w.Body.String(), "[]"))
		target, _, _ = strings.Cut(strings.TrimPrefix(w.Header().Get("Link"), "<"), ">")
	}
	if all := "[" + strings.Join(got, ",") + "]"; all != whole || pages != 4 {
		t.Errorf("%d pages of %d bytes, want 4 of %d", pages, len(all), len(whole))
	}
	for _, query := range []string{"limit=0", "limit=x", "limit=501", "after=x", "limit=1&after=%7B%7D"} {
		if w := call(h, "GET", "/items?"+query, ""); w.Code != 400 {
			t.Errorf("list with %s = %d", query, w.Code)
		}
	}
}

// broken is a table that fails, from the second page of a scan on.
type broken struct{ items.Table }

var errBroken = errors.New("disk is gone")

func (broken) PutItem(context.Context, []byte) error                { return errBroken }
func (broken) GetItem(context.Context, intent.Key) ([]byte, error)  { return nil, errBroken }
func (broken) DeleteItem(context.Context, intent.Key) (bool, error) { return false, errBroken }
func (broken) ScanItems(_ context.Context, after intent.Key, _ int) ([][]byte, intent.Key, error) {
	if after != "" {
		return nil, "", errBroken
	}
	return [][]byte{[]byte(`{"id":{"S":"a"}}`)}, `{"id":{"S":"a"}}`, nil
}

func TestFailuresOfTheTableAreNotShown(t *testing.T) {
	failures := 0
	h := &items.Handler{Table: broken{}, Failed: func(err error) {
		if failures++; !errors.Is(err, errBroken) {
			t.Errorf("failed: %v", err)
		}
	}}
	for _, c := range [][3]string{{"PUT", "/items", `{"id":"a"}`}, {"GET", "/items/a", ""}, {"DELETE", "/items/a", ""}} {
		w := call(h, c[0], c[1], c[2])
		if w.Code != 500 || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("%s %s = %d %s", c[0], c[1], w.Code, w.Body)
		}
	}
	if failures != 3 {
		t.Errorf("told of %d failures, want 3", failures)
	}
	defer func() {
		if thrown := recover(); thrown != http.ErrAbortHandler {
			t.Errorf("a list that failed in the middle ended with %v, want to abort", thrown)
		}
	}()
	call(h, "GET", "/items", "")
}
