package main

import (
	"bytes"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/intent"
	"rollcall/internal/emf"
	"rollcall/okta/oktasim"
	streamhandler "rollcall/stream-handler"
)

// TestCostIsCounted runs the function, minute by minute, over an AWS that counts and a simulated org: without anything to do, then
// with one change. infra/cost multiplies these numbers by prices; where it has others it is wrong.
func TestCostIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := oktasim.DefaultConfig()
		org, err := oktasim.New(config)
		if err != nil {
			t.Fatal(err)
		}
		defer org.Close()
		network := http.DefaultTransport
		http.DefaultTransport = org.Transport()
		defer func() { http.DefaultTransport = network }()
		l := &ledger{
			cloud:   &cloud{calls: map[string]int{}, made: map[string]int{}, secret: config.Token},
			control: map[string]map[string]json.RawMessage{}, counted: map[string]int{},
		}
		h, out := newHandlerOver(t, l.cloud, l)

		idle := l.minute(t, h, out) // a process's first reads the secret
		if again := l.minute(t, h, out); idle["secret"] != 1 || again["secret"] != 0 {
			t.Errorf("the secret was read %d times, then %d times", idle["secret"], again["secret"])
		} else {
			idle = again
		}
		l.put(t, "ann")
		busy := map[string]int{}
		// The session is opened and triggered in the first minute, and found to have ended by then or in the second. For ten
		// minutes more the System Log is read on.
		const minutes = 13
		for range minutes {
			for name, n := range l.minute(t, h, out) {
				busy[name] += n
			}
		}
		if !strings.Contains(out.String(), `"status":"COMPLETED"`) {
			t.Fatalf("the change was not told to Okta: %s", out.String())
		}
		flush := map[string]int{}
		for name := range busy {
			flush[name] = busy[name] - minutes*idle[name]
		}
		costIs(t, "pollSeconds", idle["seconds"])
		costIs(t, "polls", idle["ReceiveMessage"])
		costIs(t, "idleWrites", idle["writes"])
		costIs(t, "idleReads", idle["reads"])
		costIs(t, "flushCalls", flush["ReceiveMessage"]+flush["DeleteMessageBatch"]+flush["ChangeMessageVisibilityBatch"]+flush["SendMessageBatch"])
		costIs(t, "flushWrites", flush["writes"])
		costIs(t, "flushReads", flush["reads"])
		costIs(t, "tableReads", flush["BatchGetItem"])
		costCovers(t, "idleBytes", idle["bytes"])
		costCovers(t, "flushBytes", flush["bytes"])
		var handled bytes.Buffer
		emf.New(&handled, "people", "0oa1a2b3c4d5e6f7g8h9").Handled(streamhandler.Report{Records: 1, Upserts: 1, Messages: 1})
		costCovers(t, "handlerBytes", handled.Len())
	})
}

// ledger is an AWS that counts. It has a queue, a control table and one person.
type ledger struct {
	*cloud
	mu      sync.Mutex
	counted map[string]int
	// message is the body of the one that waits in the queue, if any, and hidden whether it was received.
	message string
	hidden  bool
	person  string
	// control is the control table: items by kind and id.
	control map[string]map[string]json.RawMessage
}

// minute invokes the function, and returns what it was: seconds, bytes of log, calls by their names, the secret's, and reads and
// writes of the control table.
func (l *ledger) minute(t *testing.T, h *handler, out *bytes.Buffer) map[string]int {
	t.Helper()
	l.counted = map[string]int{}
	start, before := time.Now(), out.Len()
	if _, err := h.Invoke(t.Context(), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	seconds := time.Since(start).Seconds()
	time.Sleep(time.Until(start.Add(time.Minute)))
	l.counted["seconds"], l.counted["bytes"] = int(seconds+0.5), out.Len()-before
	l.counted["secret"] = l.counted["GetSecretValue"]
	return l.counted
}

// put changes a person and puts the intent into the queue.
func (l *ledger) put(t *testing.T, id string) {
	t.Helper()
	body, err := intent.Append(nil, intent.Message{Intents: []intent.Intent{{
		ExternalID: id, Kind: intent.Upsert, Keys: []intent.Key{intent.Key(`{"id":{"S":"` + id + `"}}`)}, Changed: time.Now(),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.message, l.hidden = string(body), false
	l.person = `{"id":{"S":"` + id + `"},"active":{"BOOL":true},"email":{"S":"` + id + `@example.com"},"first_name":{"S":"A"},"last_name":{"S":"B"}}`
}

// latency is how long a call takes: none would let the end of a long poll and the renewal of the lease be at once.
const latency = 7 * time.Millisecond

// Do implements the SDK's HTTP client.
func (l *ledger) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	time.Sleep(latency)
	_, call, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	var in input
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.counted[call]++
	answer, known := l.answer(call, in)
	l.mu.Unlock()
	if !known {
		request.Body = io.NopCloser(bytes.NewReader(body))
		return l.cloud.Do(request)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Request: request, Body: io.NopCloser(bytes.NewReader(text)),
		Header: http.Header{"X-Amz-Crc32": {strconv.FormatUint(uint64(crc32.ChecksumIEEE(text)), 10)}},
	}, nil
}

// answer is what the call comes to, and false where the cloud knows better.
func (l *ledger) answer(call string, in input) (any, bool) {
	list := func(n int) map[string]any {
		successful := []map[string]string{}
		for i := range n {
			successful = append(successful, map[string]string{"Id": in.Entries[i].ID})
		}
		return map[string]any{"Successful": successful, "Failed": []any{}}
	}
	key := string(in.Key["kind"]) + string(in.Key["id"])
	switch call {
	case "ReceiveMessage":
		if l.message == "" || l.hidden {
			return nil, false
		}
		l.hidden = true
		return map[string]any{"Messages": []map[string]any{{
			"MessageId": "1", "ReceiptHandle": "1", "Body": l.message, "MD5OfBody": fmt.Sprintf("%x", md5.Sum([]byte(l.message))),
			"Attributes": map[string]string{"ApproximateReceiveCount": "1", "SentTimestamp": strconv.FormatInt(time.Now().UnixMilli(), 10)},
		}}}, true
	case "DeleteMessageBatch":
		l.message = ""
		return list(len(in.Entries)), true
	case "ChangeMessageVisibilityBatch":
		return list(len(in.Entries)), true
	case "BatchGetItem":
		return map[string]any{"Responses": map[string]any{"people": []json.RawMessage{json.RawMessage(l.person)}}}, true
	case "UpdateItem":
		l.counted["writes"]++
		l.control[key] = updated(l.control[key], in)
	case "DeleteItem":
		l.counted["writes"]++
		delete(l.control, key)
	case "GetItem":
		l.counted["reads"]++
		if item := l.control[key]; item != nil {
			return map[string]any{"Item": item}, true
		}
	case "Query":
		l.counted["reads"]++
		items := []map[string]json.RawMessage{}
		for _, item := range l.control {
			if string(item["kind"]) == string(in.ExpressionAttributeValues[":kind"]) {
				items = append(items, item)
			}
		}
		return map[string]any{"Items": items, "Count": len(items), "ScannedCount": len(items)}, true
	default:
		return nil, false
	}
	return map[string]any{}, true
}

// updated is the item after the update. Nobody else writes, so that conditions hold.
func updated(item map[string]json.RawMessage, in input) map[string]json.RawMessage {
	item = maps.Clone(item)
	if item == nil {
		item = maps.Clone(in.Key)
	}
	for short, attribute := range in.ExpressionAttributeNames {
		if value, ok := in.ExpressionAttributeValues[":"+strings.TrimPrefix(short, "#")]; ok {
			item[attribute] = value
		}
	}
	item["version"] = json.RawMessage(`{"N":"1"}`)
	if next, ok := in.ExpressionAttributeValues[":next"]; ok {
		item["version"] = next
	}
	return item
}

// costed is a constant of infra/cost.
func costed(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile("../../infra/cost/calls.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\t` + name + ` += (\d+)$`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("infra/cost/calls.go has no constant %s", name)
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// costIs fails the test unless infra/cost has the number that was counted.
func costIs(t *testing.T, name string, counted int) {
	t.Helper()
	if n := costed(t, name); n != counted {
		t.Errorf("infra/cost: %s is %d; counted were %d", name, n, counted)
	}
}

// costCovers is costIs for sizes, which infra/cost rounds up, by a quarter at most.
func costCovers(t *testing.T, name string, counted int) {
	t.Helper()
	if n := costed(t, name); n < counted || n > counted+counted/4+100 {
		t.Errorf("infra/cost: %s is %d; counted were %d", name, n, counted)
	}
}
