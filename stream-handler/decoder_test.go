package streamhandler_test

import (
	"errors"
	"strings"
	"testing"

	"rollcall/intent"
	streamhandler "rollcall/stream-handler"
)

func TestDecoderDecodesAsTheHandlerDoes(t *testing.T) {
	records := append(inserts(3), `{"eventID":"bad","eventName":"INSERT"}`,
		strings.Replace(inserts(1)[0], `"eventName":"INSERT"`, `"eventName":"REMOVE"`, 1))
	queue := &fakeQueue{}
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue}
	if _, err := h.Handle(t.Context(), payload(records...)); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	say := func(to *[]string, in []intent.Intent, rejects ...intent.Reject) {
		for _, i := range in {
			*to = append(*to, i.Kind.String()+" "+i.ExternalID+" "+string(i.Keys[0]))
		}
		for _, r := range rejects {
			*to = append(*to, r.Record+" "+r.Reason)
		}
	}
	var intents []intent.Intent
	var rejects []intent.Reject
	for _, m := range queue.messages(t) {
		intents, rejects = append(intents, m.Intents...), append(rejects, m.Rejects...)
	}
	say(&want, intents, rejects...)
	rejects = nil
	d := streamhandler.NewDecoder(people(t))
	if err := d.Decode(payload(records...), func(became streamhandler.Decoded) error {
		say(&got, became.Intents)
		if became.Reject != nil {
			rejects = append(rejects, *became.Reject)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if say(&got, nil, rejects...); len(got) < 5 || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDecoderEndsWithTheFirstError(t *testing.T) {
	enough := errors.New("enough")
	calls := 0
	d := streamhandler.NewDecoder(people(t))
	err := d.Decode(payload(inserts(3)...), func(streamhandler.Decoded) error { calls++; return enough })
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
	if err := d.Decode([]byte(`{"Records":`), nil); err == nil {
		t.Error("no error of a payload that is not JSON")
	}
}
