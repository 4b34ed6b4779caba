package intent_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/intent"
)

// golden are the files of testdata/wire and what they say.
var golden = map[string]intent.Message{
	"v1-empty.json": {},
	"v1-handler.json": {
		Trace: "0b6ff3a4-9c5e-4f0e-9a55-1f5d5a0c9a01",
		Intents: []intent.Intent{
			{ExternalID: "jane", Keys: []intent.Key{`{"id":{"S":"jane"}}`}, Changed: time.Unix(1700000000, 0).UTC()},
			{
				ExternalID: "zoë", Kind: intent.Deactivate, Keys: []intent.Key{`{"pk":{"S":"PERSON"},"sk":{"N":"-12.5"}}`},
				Changed: time.Unix(1700000001, 0).UTC(),
			},
		},
		Rejects: []intent.Reject{{
			Key: `{"id":{"S":"joe"}}`, Record: "c4ca4238a0b923820dcc509a6f75849b",
			Reason: "read new image: attribute \"email\" has an unknown type", At: time.UnixMilli(1700000002345).UTC(),
		}},
	},
	"v1-every-member.json": {
		Trace: "0b6ff3a4-9c5e-4f0e-9a55-1f5d5a0c9a02", Group: "g7",
		Intents: []intent.Intent{{
			ExternalID: "ann", Kind: intent.Deactivate,
			Keys:    []intent.Key{`{"id":{"B":"AAEC"}}`, `{"id":{"S":"ann"}}`},
			Changed: time.Unix(1700000000, 0).UTC(), Approved: true, Again: true, Attempt: 2, Suspect: 1,
		}},
		Rejects: []intent.Reject{{
			ExternalID: "bob", Key: `{"id":{"S":"bob"}}`, Record: "111", Reason: "email is absent",
			At: time.UnixMilli(1700000000000).UTC(),
		}},
	},
	"v1-protected.json": {
		Trace: "0b6ff3a4-9c5e-4f0e-9a55-1f5d5a0c9a04",
		Intents: []intent.Intent{{
			ExternalID: "ann", Kind: intent.Deactivate, Keys: []intent.Key{`{"id":{"S":"ann"}}`},
			Changed: time.Unix(1700000000, 0).UTC(), Approved: true, Protected: true, Again: true,
		}},
		Rejects: []intent.Reject{{
			ExternalID: "bob", Kind: intent.Deactivate, Protected: true, Key: `{"id":{"S":"bob"}}`,
			Reason: "protected by guard.protect: never deactivated", At: time.UnixMilli(1700000000000).UTC(),
		}},
	},
	"v1-odd-characters.json": {
		Trace: "0b6ff3a4-9c5e-4f0e-9a55-1f5d5a0c9a03",
		Intents: []intent.Intent{
			{ExternalID: "\"\\/\x00\x01\x1f\t\r\n\x7f\u2028\ufffd\ufffe\uffff\U0001fffe😀 שלום"},
			{ExternalID: "k", Keys: []intent.Key{"{\"id\":{\"S\":\"\\u0001\uffff😀\"}}"}},
		},
	},
}

func TestGoldenMessages(t *testing.T) {
	files, err := filepath.Glob("testdata/wire/v1-*.json")
	if err != nil || len(files) != len(golden) {
		t.Errorf("got %d files, %v; want the %d that are listed", len(files), err, len(golden))
	}
	for name, want := range golden {
		t.Run(name, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join("testdata/wire", name))
			if err != nil {
				t.Fatal(err)
			}
			body := strings.TrimSuffix(string(file), "\n")
			got, err := intent.Decode(body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			// As long as version 1 is the one that is written, it is written like this.
			written, err := intent.Append(nil, want)
			if err != nil || string(written) != body {
				t.Errorf("written as\n%s, %v; want\n%s", written, err, body)
			}
		})
	}
}

func TestGoldenNewerMessageIsLeft(t *testing.T) {
	body, err := os.ReadFile("testdata/wire/v2-not-yet.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := intent.Decode(string(body)); !errors.Is(err, intent.ErrNewer) {
		t.Errorf("got %v, want %v", err, intent.ErrNewer)
	}
}

// FuzzCodec checks that Decode never panics, that it classifies every refusal, and that what it read is written and read
// again as the same.
func FuzzCodec(f *testing.F) {
	files, err := filepath.Glob("testdata/wire/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(body))
	}
	f.Add(`{"v":1,"intents":[{"id":"a","do":"upsert","keys":[{"n":{"N":"1E3"}}],"changed":-1}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		m, err := intent.Decode(body)
		if err != nil {
			if !errors.Is(err, intent.ErrNewer) && !errors.Is(err, intent.ErrUnreadable) {
				t.Fatalf("error of no class: %v", err)
			}
			return
		}
		written, err := intent.Append(nil, m)
		if err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(string(written), refusedBySQS); i >= 0 {
			t.Fatalf("SQS would refuse byte %d of %q", i, written)
		}
		again, err := intent.Decode(string(written))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, again); diff != "" {
			t.Fatalf("(-read +read again)\n%s", diff)
		}
	})
}
