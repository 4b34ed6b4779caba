package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/internal/config"
	"rollcall/internal/function"
	"rollcall/okta"
)

// cloud answers the SDK's calls. It has an empty queue, two people and nothing else.
type cloud struct {
	mu    sync.Mutex
	calls map[string]int
	sent  []string
	// made counts the clients of each service that were made.
	made map[string]int
	// secret is the text of Okta's secret; empty is a secret without a value.
	secret string
	// control is the control table: items by their keys.
	control map[string]map[string]json.RawMessage
}

// GetServiceBaseEndpoint is what each client of the SDK asks once, when it is made.
func (c *cloud) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[service]++
	return "http://127.0.0.1:1", true, nil
}

// input is what is looked at of a call.
type input struct {
	WaitTimeSeconds           int
	Segment                   int
	Entries                   []struct{ ID, MessageBody string }
	Key                       map[string]json.RawMessage
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues map[string]json.RawMessage
}

const table = `{"Items":[
	{"id":{"S":"ann"},"active":{"BOOL":true},"email":{"S":"ann@example.com"}},
	{"id":{"S":"bob"},"active":{"BOOL":false},"email":{"S":"bob@example.com"}}],"Count":2,"ScannedCount":2}`

// Do implements the SDK's HTTP client.
func (c *cloud) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	_, call, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	var in input
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	answer := "{}"
	switch call {
	case "ReceiveMessage":
		time.Sleep(time.Duration(in.WaitTimeSeconds) * time.Second)
	case "DescribeTable":
		answer = `{"Table":{"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]}}`
	case "Scan":
		if answer = `{"Items":[],"Count":0,"ScannedCount":0}`; in.Segment == 0 {
			answer = table
		}
	case "Query":
		answer = `{"Items":[],"Count":0,"ScannedCount":0}`
	case "GetSecretValue":
		answer = fmt.Sprintf(`{"SecretString":%q}`, c.secret)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[call]++
	switch call {
	case "SendMessageBatch":
		answer = c.send(in)
	case "UpdateItem":
		// Nobody else writes: the condition holds.
		item := maps.Clone(in.Key)
		item[in.ExpressionAttributeNames["#value"]] = in.ExpressionAttributeValues[":value"]
		item[in.ExpressionAttributeNames["#version"]] = in.ExpressionAttributeValues[":next"]
		c.control[string(in.Key["id"])] = item
	case "GetItem":
		if item := c.control[string(in.Key["id"])]; item != nil {
			text, err := json.Marshal(map[string]any{"Item": item})
			if err != nil {
				return nil, err
			}
			answer = string(text)
		}
	}
	status := http.StatusOK
	if call == "GetSecretValue" && c.secret == "" {
		status, answer = http.StatusBadRequest, `{"__type":"ResourceNotFoundException"}`
	}
	return &http.Response{
		StatusCode: status, Request: request, Body: io.NopCloser(strings.NewReader(answer)),
		Header: http.Header{"X-Amz-Crc32": {strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(answer))), 10)}},
	}, nil
}

func (c *cloud) send(in input) string {
	var successful []string
	for _, e := range in.Entries {
		c.sent = append(c.sent, e.MessageBody)
		successful = append(successful, fmt.Sprintf(`{"Id":%q,"MessageId":"1","MD5OfMessageBody":"%x"}`, e.ID, md5.Sum([]byte(e.MessageBody))))
	}
	return `{"Failed":[],"Successful":[` + strings.Join(successful, ",") + `]}`
}

func newTestHandler(t *testing.T) (*handler, *cloud, *bytes.Buffer) {
	t.Helper()
	c := &cloud{calls: map[string]int{}, made: map[string]int{}, secret: "token", control: map[string]map[string]json.RawMessage{}}
	h, out := newHandlerOver(t, c, c)
	return h, c, out
}

// newHandlerOver makes the handler over a client that answers the SDK's calls.
func newHandlerOver(t *testing.T, c *cloud, client aws.HTTPClient) (*handler, *bytes.Buffer) {
	t.Helper()
	cfg, err := config.Load(nil, func(name string) (string, bool) {
		value, ok := map[string]string{
			"ROLLCALL_QUEUE_INTENTS": "http://127.0.0.1:1/000000000000/intents", "ROLLCALL_OKTA_ORG_URL": "http://127.0.0.1:1",
			"ROLLCALL_OKTA_IDENTITY_SOURCE_ID": "0oa1",
			"ROLLCALL_OKTA_SECRET_ARN":         "arn:aws:secretsmanager:us-east-1:000000000000:secret:okta-AbCdEf",
		}[name]
		return value, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	sdk := aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("none", "none", ""),
		HTTPClient: client, ConfigSources: []any{c},
	}
	var out bytes.Buffer
	h, err := newHandler(sdk, cfg, function.NewLog(&out, "info"), &out)
	if err != nil {
		t.Fatal(err)
	}
	return h, &out
}

// TestAnIdleInvocationIsOverInTime invokes the function twice with an empty queue: each invocation is over before the next
// is due, and tells that nobody waits.
func TestAnIdleInvocationIsOverInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, c, out := newTestHandler(t)
		for n := range 2 {
			start := time.Now()
			if answer, err := h.Invoke(t.Context(), []byte(`{"detail-type":"Scheduled Event","detail":"{}"}`)); err != nil || string(answer) != "{}" {
				t.Fatalf("answer %s, %v", answer, err)
			}
			if took := time.Since(start); took < pollFor || took > pollFor+5*time.Second {
				t.Errorf("invocation %d took %v", n+1, took)
			}
		}
		if c.calls["ReceiveMessage"] < 4 {
			t.Errorf("calls %v", c.calls)
		}
		if !strings.Contains(out.String(), `"RejectsOpen":0,"HeldOpen":0`) {
			t.Errorf("nobody who waits is not told: %s", out.String())
		}
	})
}

// TestASecretWithoutAValueIsRefused though there is nothing to tell Okta, and each time anew, so that putting the value
// suffices.
func TestASecretWithoutAValueIsRefused(t *testing.T) {
	for _, spoilt := range []string{"", " ", `{"token":""}`, "two words"} {
		synctest.Test(t, func(t *testing.T) {
			h, c, _ := newTestHandler(t)
			c.secret = spoilt
			for range 2 {
				_, err := h.Invoke(t.Context(), []byte(`{}`))
				if okta.Classify(err) != okta.Misconfigured || c.calls["ReceiveMessage"] > 0 {
					t.Fatalf("secret %q: %v, calls %v", spoilt, err, c.calls)
				}
				if !strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "two words") {
					t.Errorf("secret %q: %v", spoilt, err)
				}
			}
			c.secret = `{"token":"some"}`
			if _, err := h.Invoke(t.Context(), []byte(`{}`)); err != nil {
				t.Errorf("with a token: %v", err)
			}
		})
	}
}

func TestSyncEnqueuesTheActive(t *testing.T) {
	h, c, out := newTestHandler(t)
	if answer, err := h.Invoke(t.Context(), []byte(`{"command":"sync"}`)); err != nil || !strings.Contains(string(answer), `"enqueued":1`) {
		t.Fatalf("answer %s, %v", answer, err)
	}
	if len(c.sent) != 1 || !strings.Contains(c.sent[0], "ann") || strings.Contains(c.sent[0], "bob") || strings.Contains(c.sent[0], "example.com") {
		t.Errorf("sent %q", c.sent)
	}
	if c.calls["ReceiveMessage"] > 0 {
		t.Error("a sync took messages too")
	}
	if !strings.Contains(out.String(), `"SyncsFailed":0`) {
		t.Errorf("no metric tells of the sync: %s", out.String())
	}
}

func TestSyncThatFailsIsTold(t *testing.T) {
	h, _, out := newTestHandler(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if answer, err := h.Invoke(ctx, []byte(`{"command":"sync"}`)); err == nil || !strings.Contains(out.String(), `"SyncsFailed":1`) {
		t.Errorf("answer %s, %v, told %s", answer, err, out.String())
	}
}

func TestUnknownPayloadsAreRefused(t *testing.T) {
	for _, payload := range []string{`{"command":"drop"}`, `[]`, `{`, ``} {
		h, c, out := newTestHandler(t)
		if _, err := h.Invoke(t.Context(), []byte(payload)); err == nil || !strings.HasPrefix(err.Error(), "read payload: ") {
			t.Errorf("%s: %v", payload, err)
		}
		if out.Len() > 0 || len(c.calls) > 0 { // aws-lambda-go logs the error
			t.Errorf("%s: log %s, calls %v", payload, out.String(), c.calls)
		}
	}
}
