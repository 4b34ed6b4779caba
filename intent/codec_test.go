package intent_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/intent"
)

func full() intent.Message {
	return intent.Message{
		Trace: "5f0c3a52-7d3e-4a64-9a55-3a1d6f2f8c11",
		Group: "g1",
		Intents: []intent.Intent{
			{ExternalID: "jane", Keys: []intent.Key{`{"id":{"S":"jane"}}`}, Changed: time.Unix(1700000000, 0).UTC()},
			{
				ExternalID: "zoë \"z\" \x01\u007f\uffff", Kind: intent.Deactivate,
				Keys:     []intent.Key{`{"pk":{"N":"1"},"sk":{"S":"a"}}`, "{\"pk\":{\"S\":\"\ufffe\"}}"},
				Approved: true, Protected: true, Again: true, Attempt: 2, Suspect: 1,
			},
		},
		Rejects: []intent.Reject{{
			ExternalID: "joe", Key: `{"id":{"S":"joe"}}`, Record: "r1", Reason: "unreadable item",
			At: time.UnixMilli(1700000000123).UTC(),
		}, {Reason: "", Kind: intent.Deactivate, Protected: true}},
	}
}

func TestDecodeReadsWhatAppendWrites(t *testing.T) {
	want := full()
	body, err := intent.Append(nil, want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := intent.Decode(string(body))
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestAppendRefusesNobody: a message with an intent about nobody could not be read, and the others in it were lost.
func TestAppendRefusesNobody(t *testing.T) {
	jane := intent.Intent{ExternalID: "jane"}
	dst, err := intent.Append([]byte("before"), intent.Message{Intents: []intent.Intent{jane, {}}})
	if err == nil || string(dst) != "before" {
		t.Errorf("got %q, error %v; want an error and nothing appended", dst, err)
	}
}

func TestAppendRefusesInvalidUTF8(t *testing.T) {
	for _, m := range []intent.Message{
		{Trace: "\xff"},
		{Group: "\xff"},
		{Intents: []intent.Intent{{ExternalID: "a\xffb"}}},
		{Rejects: []intent.Reject{{ExternalID: "a\xed\xa0\x80"}}},
		{Rejects: []intent.Reject{{Reason: "\xff"}}},
		{Rejects: []intent.Reject{{Record: "\xff"}}},
	} {
		dst, err := intent.Append([]byte("before"), m)
		if err == nil || string(dst) != "before" {
			t.Errorf("%#v: got %q, error %v; want an error and nothing appended", m, dst, err)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, c := range []struct {
		name, body, says string
		want             error
	}{
		{"empty", ``, "not JSON", intent.ErrUnreadable},
		{"not JSON", `{"v":1,`, "byte 7", intent.ErrUnreadable},
		{"an array", `[]`, "unexpected JSON", intent.ErrUnreadable},
		{"no version", `{"intents":[]}`, "no version", intent.ErrUnreadable},
		{"negative version", `{"v":-1}`, "no version", intent.ErrUnreadable},
		{"version is text", `{"v":"1"}`, "/v", intent.ErrUnreadable},
		{"newer", `{"v":2,"intents":{"another":"form"}}`, "version 2", intent.ErrNewer},
		{"invalid UTF-8", "{\"v\":1,\"trace\":\"\xff\"}", "not JSON", intent.ErrUnreadable},
		{"repeated member", `{"v":1,"trace":"a","trace":"b"}`, "not JSON", intent.ErrUnreadable},
		{"id is a number", `{"v":1,"intents":[{"id":7,"do":"upsert"}]}`, "/intents/0/id", intent.ErrUnreadable},
		{"no id", `{"v":1,"intents":[{"do":"upsert"}]}`, "intent 0: no id", intent.ErrUnreadable},
		{"unknown kind", `{"v":1,"intents":[{"id":"a","do":"delete"}]}`, "unknown kind", intent.ErrUnreadable},
		{"no kind", `{"v":1,"intents":[{"id":"a"}]}`, "unknown kind", intent.ErrUnreadable},
		{"bad key", `{"v":1,"intents":[{"id":"a","do":"upsert","keys":[{}]}]}`, "0 attributes", intent.ErrUnreadable},
		{"bad reject key", `{"v":1,"rejects":[{"reason":"a","key":7}]}`, "reject 0", intent.ErrUnreadable},
		{"negative count", `{"v":1,"intents":[{"id":"a","do":"upsert","attempt":-1}]}`, "negative", intent.ErrUnreadable},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := intent.Decode(c.body)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got error %v, want %v with %q", err, c.want, c.says)
			}
		})
	}
}

func TestDecodeTakesUnknownMembersAndOddKeys(t *testing.T) {
	got, err := intent.Decode(`{"new":1,"intents":[{"do":"upsert","x":[],"id":"a","keys":[
		{"id":{"S":"b"}}, {"id":{"S":"a"}}, {"id" : {"S":"\u0062"}}]}],"v":1}`)
	if err != nil {
		t.Fatal(err)
	}
	want := intent.Message{Intents: []intent.Intent{{ExternalID: "a", Keys: []intent.Key{`{"id":{"S":"a"}}`, `{"id":{"S":"b"}}`}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
