package streamhandler_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/mapping"
	streamhandler "rollcall/stream-handler"
)

// protecting is a mapping with an expression of guard.protect.
func protecting(t *testing.T, match, protect string) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Compile(mapping.Spec{
		ExternalID: "id", Active: "active", Match: match,
		Profile: map[string]string{"userName": "email", "email": "email"}, Protect: []string{protect},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// change is a record; an empty image is left out.
func change(view, key, before, after string) string {
	name := "MODIFY"
	switch {
	case after == "":
		name = "REMOVE"
	case before == "":
		name = "INSERT"
	}
	record := fmt.Sprintf(`{"eventID":"e1","eventName":%q,"dynamodb":{"SequenceNumber":"1","StreamViewType":%q,"Keys":{"pk":{"S":%q},"id":{"S":%q}}`,
		name, view, key, key)
	if before != "" {
		record += `,"OldImage":` + before
	}
	if after != "" {
		record += `,"NewImage":` + after
	}
	return record + "}}"
}

func TestALeaverIsSaidToBeProtectedByTheLastItem(t *testing.T) {
	const (
		both  = "NEW_AND_OLD_IMAGES"
		ann   = `{"id":{"S":"ann"},"active":{"BOOL":true}}`
		gone  = `{"id":{"S":"ann"},"active":{"BOOL":false}}`
		chair = `{"id":{"S":"ann"},"active":{"BOOL":true},"chair":{"BOOL":true}}`
		left  = `{"id":{"S":"ann"},"active":{"BOOL":false},"chair":{"BOOL":true}}`
		bea   = `{"id":{"S":"bea"},"active":{"BOOL":true}}`
		robot = `{"id":{"S":"ann"},"kind":{"S":"machine"}}`
		odd   = `{"id":{"S":"ann"},"active":{"BOOL":true},"chair":{"S":"armchair"}}`
	)
	for _, c := range []struct{ name, view, before, after, want string }{
		{"removed", both, chair, "", "ann deactivate protected"},
		{"removed, not protected", both, ann, "", "ann deactivate"},
		{"removed, and nobody can tell", both, odd, "", "ann deactivate protected"},
		{"renamed", both, chair, bea, "ann deactivate protected, bea upsert"},
		{"renamed, the other protected", both, ann, strings.Replace(chair, "ann", "bea", 1), "ann deactivate, bea upsert"},
		{"matches no more", both, chair, robot, "ann deactivate protected"},
		{"inactive, for the item may be gone soon", both, chair, left, "ann deactivate protected"},
		{"inactive from the first", both, "", left, "ann deactivate protected"},
		{"inactive and no longer protected", both, chair, gone, "ann deactivate"},
		{"inactive and protected as of now", both, ann, left, "ann deactivate protected"},
		{"active, which is nothing to Okta", both, ann, chair, ""},
		{"old image alone", "OLD_IMAGE", chair, "", "ann deactivate protected"},
		{"new image alone", "NEW_IMAGE", "", left, "ann deactivate protected"},
		{"keys alone", "KEYS_ONLY", "", "", "ann deactivate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			match := `kind != "machine"`
			if c.view != both {
				match = "true" // computable of the key
			}
			if got := said(t, protecting(t, match, "chair"), change(c.view, "ann", c.before, c.after)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got := said(t, protecting(t, "true", `pk startsWith "an"`), change("KEYS_ONLY", "ann", "", "")); got != "ann deactivate protected" {
		t.Errorf("keys that settle it: got %q", got)
	}
	if got := said(t, protecting(t, "true", `len(title) > 3`), change("KEYS_ONLY", "ann", "", "")); got != "ann deactivate" {
		t.Errorf("keys of which the expression cannot tell: got %q, want nobody protected for want of an image", got)
	}
}

// said is what both queues are told, which must be the same of leavers.
func said(t *testing.T, m *mapping.Mapping, record string) string {
	t.Helper()
	queue, urgent := &fakeQueue{}, &fakeQueue{}
	h := &streamhandler.Handler{Mapping: m, Queue: queue, Urgent: urgent}
	if _, err := h.Handle(t.Context(), payload(record)); err != nil {
		t.Fatal(err)
	}
	all, leavers := words(t, queue), []string{}
	for _, one := range all {
		if strings.Contains(one, "deactivate") {
			leavers = append(leavers, one)
		}
	}
	if diff := cmp.Diff(leavers, words(t, urgent)); diff != "" {
		t.Errorf("(-intents +urgent)\n%s", diff)
	}
	return strings.Join(all, ", ")
}

func words(t *testing.T, queue *fakeQueue) []string {
	t.Helper()
	all := []string{}
	for _, m := range queue.messages(t) {
		for _, in := range m.Intents {
			text := in.ExternalID + " " + in.Kind.String()
			if in.Protected {
				text += " protected"
			}
			all = append(all, text)
		}
		for _, r := range m.Rejects {
			all = append(all, "reject: "+r.Reason)
		}
	}
	return all
}
