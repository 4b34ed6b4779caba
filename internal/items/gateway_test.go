package items_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"rollcall/internal/items"
)

func v2(method, path, body string) events.APIGatewayV2HTTPRequest {
	in := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, Body: body}
	in.RequestContext.Stage = "$default"
	in.RequestContext.HTTP.Method = method
	return in
}

func handleV2(t *testing.T, h *items.Handler, in events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPResponse {
	t.Helper()
	out, err := h.HandleV2(t.Context(), in)
	if err != nil {
		t.Errorf("%s %s: %v", in.RequestContext.HTTP.Method, in.RawPath, err)
	}
	return out
}

func TestHandleV2(t *testing.T) {
	h := newHandler(t, "id")
	coded := v2("PUT", "/items", base64.StdEncoding.EncodeToString([]byte(`{"id":"50% off/x?y#z","n":1}`)))
	coded.IsBase64Encoded = true
	staged := v2("GET", "/prod/items/50% off/x?y#z", "")
	staged.RequestContext.Stage = "prod"
	notBase64 := v2("PUT", "/items", "*")
	notBase64.IsBase64Encoded = true
	paged := v2("GET", "/items", "")
	paged.RawQueryString = "limit=1"
	for _, c := range []struct {
		in     events.APIGatewayV2HTTPRequest
		status int
		want   string
	}{
		{coded, 200, `"Put item 50% off/x?y#z"`},
		{v2("GET", "/items/50% off/x?y#z", ""), 200, `{"id":"50% off/x?y#z","n":1}`}, // HTTP APIs decode the path
		{staged, 200, `{"id":"50% off/x?y#z","n":1}`},
		{v2("PUT", "/items", `{"id":"josé"}`), 200, `"Put item josé"`},
		{v2("GET", "/items/josé", ""), 200, `{"id":"josé"}`},
		{paged, 200, `[{"id":"50% off/x?y#z","n":1}]`},
		{v2("DELETE", "/items/josé", ""), 200, `"Deleted item josé"`},
		{v2("GET", "/items/josé", ""), 404, `{"message":"no such item"}`},
		{v2("PUT", "/items", ""), 400, `{"message":"the JSON ends too early"}`},
		{v2("POST", "/items", "{}"), 405, `{"message":"method not allowed here: GET, HEAD, PUT"}`},
		{notBase64, 400, `{"message":"the body is not base64"}`},
		{v2("PUT", "/items", `{"id":"x","s":"`+strings.Repeat("x", 400<<10)+`"}`), 413, `{"message":"the body is longer than 400 KB"}`},
	} {
		out := handleV2(t, h, c.in)
		if out.StatusCode != c.status || out.Body != c.want {
			t.Errorf("%s %s = %d %.200s, want %d %s", c.in.RequestContext.HTTP.Method, c.in.RawPath, out.StatusCode, out.Body, c.status, c.want)
		}
		if got := out.Headers["Content-Type"]; got != "application/json" {
			t.Errorf("%s %s: content type %q", c.in.RequestContext.HTTP.Method, c.in.RawPath, got)
		}
	}
	if link := handleV2(t, h, paged).Headers["Link"]; !strings.HasPrefix(link, "</items?after=") {
		t.Errorf("link header %q", link)
	}
}

func TestHandleV2RefusesWhatAFunctionCannotAnswer(t *testing.T) {
	h := newHandler(t, "id")
	pad := strings.Repeat("x", 400_000)
	for n := range 12 {
		if out := handleV2(t, h, v2("PUT", "/items", fmt.Sprintf(`{"id":"p%d","pad":"%s"}`, n, pad))); out.StatusCode != 200 {
			t.Fatalf("put = %d %s", out.StatusCode, out.Body)
		}
	}
	if out := handleV2(t, h, v2("GET", "/items", "")); out.StatusCode != 400 || !strings.Contains(out.Body, "limit=") {
		t.Errorf("list = %d %.100s, want 400 that names limit", out.StatusCode, out.Body)
	}
}

func TestHandleV2AnswersAnAbortedList(t *testing.T) {
	out := handleV2(t, &items.Handler{Table: broken{}}, v2("GET", "/items", ""))
	if out.StatusCode != 500 || out.Body != `{"message":"the table could not be reached"}` {
		t.Errorf("list = %d %s", out.StatusCode, out.Body)
	}
}
