package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/internal/config"
	"rollcall/internal/function"
	"rollcall/internal/items"
)

// cloud is a DynamoDB that keeps the item put last, and shows it to consistent reads alone.
type cloud struct {
	// made counts the clients of each service that were made.
	made map[string]int
	item json.RawMessage
	down bool
}

// GetServiceBaseEndpoint is what each client of the SDK asks once, when it is made.
func (c *cloud) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	c.made[service]++
	return "http://127.0.0.1:1", true, nil
}

// Do implements the SDK's HTTP client.
func (c *cloud) Do(request *http.Request) (*http.Response, error) {
	var in struct {
		Item           json.RawMessage
		ConsistentRead bool
	}
	if err := json.NewDecoder(request.Body).Decode(&in); err != nil {
		return nil, err
	}
	status, answer := http.StatusOK, "{}"
	switch _, call, _ := strings.Cut(request.Header.Get("X-Amz-Target"), "."); {
	case c.down:
		status, answer = http.StatusBadRequest, `{"__type":"AccessDeniedException"}`
	case call == "PutItem":
		c.item = in.Item
	case call == "GetItem" && in.ConsistentRead:
		answer = fmt.Sprintf(`{"Item":%s}`, c.item)
	}
	return &http.Response{
		StatusCode: status, Request: request, Body: io.NopCloser(strings.NewReader(answer)),
		Header: http.Header{"X-Amz-Crc32": {strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(answer))), 10)}},
	}, nil
}

func request(method, path, body string) events.APIGatewayV2HTTPRequest {
	in := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, Body: body}
	in.RequestContext.Stage, in.RequestContext.HTTP.Method = "$default", method
	return in
}

func newTestHandler(t *testing.T) (*items.Handler, *cloud, *bytes.Buffer) {
	t.Helper()
	cfg, err := config.Load(nil, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{made: map[string]int{}}
	sdk := aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("none", "none", ""), HTTPClient: c, ConfigSources: []any{c},
	}
	var out bytes.Buffer
	return newHandler(sdk, cfg, function.NewLog(&out, "info")), c, &out
}

// TestNothingIsMadeTwice writes an item and reads it: the client is there before the first invocation, once.
func TestNothingIsMadeTwice(t *testing.T) {
	h, c, out := newTestHandler(t)
	want := map[string]int{"DynamoDB": 1}
	if !maps.Equal(c.made, want) {
		t.Errorf("clients made before the first invocation: %v, want %v", c.made, want)
	}
	for _, step := range []struct {
		in   events.APIGatewayV2HTTPRequest
		want string
	}{
		{request("PUT", "/items", `{"id":"ann"}`), `"Put item ann"`},
		{request("GET", "/items/ann", ""), `{"id":"ann"}`},
	} {
		if answer, err := h.HandleV2(t.Context(), step.in); err != nil || answer.StatusCode != http.StatusOK || answer.Body != step.want {
			t.Errorf("%s %s = %d %s, %v", step.in.RequestContext.HTTP.Method, step.in.RawPath, answer.StatusCode, answer.Body, err)
		}
	}
	if !maps.Equal(c.made, want) || out.Len() > 0 {
		t.Errorf("clients made: %v, want %v; log %s", c.made, want, out.String())
	}
}

// TestOfATableThatFailsTheLogTells, and the client learns no more than that it did.
func TestOfATableThatFailsTheLogTells(t *testing.T) {
	h, c, out := newTestHandler(t)
	c.down = true
	answer, err := h.HandleV2(t.Context(), request("GET", "/items/ann", ""))
	if err != nil || answer.StatusCode != http.StatusInternalServerError || strings.Contains(answer.Body, "Denied") {
		t.Errorf("answer %d %s, %v", answer.StatusCode, answer.Body, err)
	}
	if strings.Count(out.String(), "\n") != 1 || !strings.Contains(out.String(), "AccessDeniedException") {
		t.Errorf("log %s", out.String())
	}
}
