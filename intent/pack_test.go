package intent_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rollcall/intent"
)

func pack(t testing.TB, m intent.Message) (messages []intent.Message) {
	t.Helper()
	bodies, err := intent.Pack(m)
	if err != nil {
		t.Fatal(err)
	}
	for i, body := range bodies {
		got, err := intent.Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		if len(body) > intent.MaxBytes || len(got.Intents) > intent.MaxIntents || len(got.Rejects) > intent.MaxIntents {
			t.Errorf("message %d has %d bytes, %d intents, %d rejects", i, len(body), len(got.Intents), len(got.Rejects))
		}
		if got.Trace != m.Trace || got.Group != m.Group {
			t.Errorf("message %d has trace %q, group %q", i, got.Trace, got.Group)
		}
		messages = append(messages, got)
	}
	return messages
}

func people(n int) (intents []intent.Intent) {
	for i := range n {
		key := intent.Key(fmt.Sprintf(`{"id":{"S":"person%d"}}`, i))
		intents = append(intents, intent.Intent{ExternalID: fmt.Sprintf("person%d", i), Keys: []intent.Key{key}})
	}
	return intents
}

func TestPackFillsMessages(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 200: 1, 201: 2, 10_000: 50} {
		messages := pack(t, intent.Message{Trace: "t", Group: "g", Intents: people(n)})
		var got []intent.Intent
		for _, m := range messages {
			got = append(got, m.Intents...)
		}
		if len(messages) != want {
			t.Errorf("%d intents made %d messages, want %d", n, len(messages), want)
		}
		if diff := cmp.Diff(people(n), got); diff != "" {
			t.Errorf("%d intents (-want +got)\n%s", n, diff)
		}
	}
}

func TestPackKeepsWithinMaxBytes(t *testing.T) {
	intents := people(20)
	for i := range intents {
		intents[i].ExternalID = strings.Repeat("\x01", 10_000)
	}
	messages := pack(t, intent.Message{Trace: "t", Intents: intents})
	if want := 20 / 4; len(messages) != want {
		t.Errorf("20 intents of 60 KB made %d messages, want %d", len(messages), want)
	}
}

func TestPackSplitsThePersonOfManyKeys(t *testing.T) {
	one := people(3)
	for i := range 5000 {
		one[1].Keys = append(one[1].Keys, intent.Key(fmt.Sprintf(`{"id":{"S":"%0100d"}}`, i)))
	}
	seen := map[intent.Key]bool{}
	messages := pack(t, intent.Message{Trace: "t", Intents: one})
	for _, m := range messages {
		for _, in := range m.Intents {
			for _, key := range in.Keys {
				seen[key] = in.ExternalID == "person1" || seen[key]
			}
		}
	}
	if len(messages) < 3 || len(seen) != 5003 {
		t.Errorf("got %d messages with %d keys, want 5003 keys", len(messages), len(seen))
	}
}

func TestPackPutsIntentsAndRejectsTogether(t *testing.T) {
	want := intent.Message{Trace: "t", Intents: people(2), Rejects: []intent.Reject{{Reason: "a"}, {Reason: "b"}}}
	messages := pack(t, want)
	if diff := cmp.Diff([]intent.Message{want}, messages); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPackerRefusesOneAndKeepsTheOthers(t *testing.T) {
	huge := strings.Repeat("x", intent.MaxBytes)
	p := intent.Packer{Trace: func() string { return "t" }}
	good := people(1)[0]
	add := func(in intent.Intent) error { _, err := p.Intent(in); return err }
	reject := func(r intent.Reject) error { _, err := p.Reject(r); return err }
	for i, c := range []struct{ err, want error }{
		{add(intent.Intent{ExternalID: huge}), intent.ErrTooLarge},
		{add(good), nil},
		{add(intent.Intent{ExternalID: huge}), intent.ErrTooLarge},
		{reject(intent.Reject{Reason: huge}), intent.ErrTooLarge},
		{reject(intent.Reject{Reason: "r"}), nil},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("step %d: got %v, want %v", i, c.err, c.want)
		}
	}
	if add(intent.Intent{ExternalID: "\xff"}) == nil || reject(intent.Reject{Reason: "\xff"}) == nil {
		t.Error("text that is not UTF-8 was packed")
	}
	all := intent.Message{}
	for _, body := range p.Bodies() {
		m, err := intent.Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		all.Intents, all.Rejects = append(all.Intents, m.Intents...), append(all.Rejects, m.Rejects...)
	}
	want := intent.Message{Intents: []intent.Intent{good}, Rejects: []intent.Reject{{Reason: "r"}}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if again := p.Bodies(); len(again) != 0 {
		t.Errorf("the packer kept %d bodies", len(again))
	}
}

func TestPackRefusesABadTrace(t *testing.T) {
	if bodies, err := intent.Pack(intent.Message{Trace: "\xff", Intents: people(1)}); err == nil {
		t.Errorf("got %q, want an error", bodies)
	}
}

// Whatever is packed comes out again, in order, within the limits, in characters that SQS takes.
func TestPackLosesNothing(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat(rapid.StringN(1, 20, -1).Draw(t, "part"), rapid.IntRange(1, 2000).Draw(t, "times"))
	})
	rapid.Check(t, func(t *rapid.T) {
		m := intent.Message{Trace: rapid.String().Draw(t, "trace"), Group: rapid.String().Draw(t, "group")}
		for range rapid.IntRange(0, 30).Draw(t, "intents") {
			m.Intents = append(m.Intents, intent.Intent{
				ExternalID: text.Draw(t, "id"), Kind: intent.Kind(rapid.IntRange(0, 1).Draw(t, "kind")),
				Attempt: rapid.IntRange(0, 20).Draw(t, "attempt"), Again: rapid.Bool().Draw(t, "again"),
			})
		}
		for range rapid.IntRange(0, 30).Draw(t, "rejects") {
			m.Rejects = append(m.Rejects, intent.Reject{ExternalID: text.Draw(t, "id"), Reason: rapid.String().Draw(t, "reason")})
		}
		bodies, err := intent.Pack(m)
		if err != nil {
			t.Fatal(err)
		}
		got := intent.Message{Trace: m.Trace, Group: m.Group}
		for _, body := range bodies {
			if len(body) > intent.MaxBytes {
				t.Fatalf("a message has %d bytes", len(body))
			}
			if i := strings.IndexFunc(body, refusedBySQS); i >= 0 || !utf8.ValidString(body) {
				t.Fatalf("SQS would refuse byte %d of %q", i, body)
			}
			part, err := intent.Decode(body)
			if err != nil {
				t.Fatal(err)
			}
			got.Intents, got.Rejects = append(got.Intents, part.Intents...), append(got.Rejects, part.Rejects...)
		}
		if diff := cmp.Diff(m, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	})
}

func refusedBySQS(c rune) bool {
	return c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c == 0xFFFE || c == 0xFFFF
}
