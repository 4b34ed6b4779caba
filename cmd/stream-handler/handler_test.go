package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/internal/config"
	"rollcall/internal/function"
	"rollcall/internal/made"
)

// cloud is an SQS that takes everything.
type cloud struct {
	// made counts the clients of each service that were made.
	made map[string]int
	// sent are the bodies, by the queue's name.
	sent map[string][]string
}

// GetServiceBaseEndpoint is what each client of the SDK asks once, when it is made.
func (c *cloud) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	c.made[service]++
	return "http://127.0.0.1:1", true, nil
}

// Do implements the SDK's HTTP client.
func (c *cloud) Do(request *http.Request) (*http.Response, error) {
	var in struct {
		QueueURL string `json:"QueueUrl"`
		Entries  []struct{ ID, MessageBody string }
	}
	if err := json.NewDecoder(request.Body).Decode(&in); err != nil {
		return nil, err
	}
	queue := in.QueueURL[strings.LastIndexByte(in.QueueURL, '/')+1:]
	successful := []map[string]string{}
	for _, e := range in.Entries {
		c.sent[queue] = append(c.sent[queue], e.MessageBody)
		successful = append(successful, map[string]string{
			"Id": e.ID, "MessageId": "1", "MD5OfMessageBody": fmt.Sprintf("%x", md5.Sum([]byte(e.MessageBody))),
		})
	}
	answer, err := json.Marshal(map[string]any{"Successful": successful, "Failed": []any{}})
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(answer)), Request: request}, nil
}

func newTestHandler(t *testing.T, settings map[string]string) (function.Raw, *cloud, *bytes.Buffer) {
	t.Helper()
	all := map[string]string{"ROLLCALL_QUEUE_INTENTS": "http://127.0.0.1:1/000000000000/intents", "ROLLCALL_OKTA_IDENTITY_SOURCE_ID": "0oa1"}
	maps.Copy(all, settings)
	cfg, err := config.Load(nil, func(name string) (string, bool) { value, ok := all[name]; return value, ok })
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{made: map[string]int{}, sent: map[string][]string{}}
	sdk := aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("none", "none", ""), HTTPClient: c, ConfigSources: []any{c},
	}
	var out bytes.Buffer
	h, err := newHandler(sdk, cfg, function.NewLog(&out, "info"), &out)
	if err != nil {
		t.Fatal(err)
	}
	return h, c, &out
}

// batch is a payload with one item that is new, and one that was deleted.
const batch = `{"Records":[
	{"eventID":"e1","eventName":"INSERT","dynamodb":{"Keys":{"id":{"S":"ann"}},"SequenceNumber":"111","StreamViewType":"NEW_AND_OLD_IMAGES",
		"NewImage":{"id":{"S":"ann"},"active":{"BOOL":true},"email":{"S":"ann@example.com"}}}},
	{"eventID":"e2","eventName":"REMOVE","dynamodb":{"Keys":{"id":{"S":"bob"}},"SequenceNumber":"222","StreamViewType":"NEW_AND_OLD_IMAGES",
		"OldImage":{"id":{"S":"bob"},"active":{"BOOL":true},"email":{"S":"bob@example.com"}}}}]}`

// TestNothingIsMadeTwice invokes the function twice, with both queues in use: their client and the mapping are there before
// the first invocation, each once.
func TestNothingIsMadeTwice(t *testing.T) {
	count := made.Watch(t, "rollcall/mapping.Compile", "rollcall/internal/sqs.New")
	h, c, _ := newTestHandler(t, map[string]string{
		"ROLLCALL_URGENT_ENABLED": "true", "ROLLCALL_QUEUE_URGENT": "http://127.0.0.1:1/000000000000/urgent",
	})
	before := count()
	if len(before) == 0 {
		t.Error("nothing was made before the first invocation")
	}
	for n := range 2 {
		if answer, err := h.Invoke(t.Context(), []byte(batch)); err != nil || string(answer) != `{"batchItemFailures":null}` {
			t.Fatalf("answer %s, %v", answer, err)
		}
		if len(c.sent["intents"]) != n+1 || len(c.sent["urgent"]) != n+1 {
			t.Fatalf("sent after invocation %d: %v", n+1, c.sent)
		}
	}
	if want := map[string]int{"SQS": 1}; !maps.Equal(c.made, want) {
		t.Errorf("clients made: %v, want %v", c.made, want)
	}
	if after := count(); !maps.Equal(before, after) {
		t.Errorf("objects made before the first invocation %v, after the second %v", before, after)
	}
}
