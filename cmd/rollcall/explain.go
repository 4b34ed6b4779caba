package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/batcher"
	"rollcall/internal/explain"
	"rollcall/internal/idhash"
)

func newExplain() *cobra.Command {
	var (
		where               targetFlags
		output              outputFlags
		showIDs, showValues bool
	)
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "Tell all there is to know of one person, from the item to Okta, and what a flush would do",
		Long: `Tell all there is to know of one person, from end to end: the items under which the person may be and what they map to,
what the control table has (held, rejected, in a session being imported, deactivated in the last 24 h), what Okta has, and
what a flush would do about them now, and why. The first question of anybody on call.

ID is an externalId, or the hash by which lists and logs name somebody, as long as the control table knows who that is.
What is printed can be passed on: externalIds and keys are hashed, and values left out, unless asked for.

It costs one call to Okta and writes nothing. Of the queues it tells how many messages wait and for how long; whether one of
them names the person only a local house can tell, since SQS shows no message without handing it out.

The exit code is 1 if nobody of that externalId is here or in Okta.`,
		Example: `  rollcall explain jane
  rollcall explain 5d1c0b7f3a2e49886c01 --show-ids --show-values`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			t, err := where.open(cmd)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, t.Close()) }()
			x := explain.Explainer{
				Okta: t.Okta, Control: t.Control, Mapping: t.Mapping,
				Attributes: t.attributes(), Flusher: t.Flusher,
				Queues: t.queues(), Peek: t.peeker(),
				Hash: idhash.New(t.Store).Name, Name: t.shown(showIDs), Values: showValues,
			}
			id, err := x.Who(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			e, err := x.Explain(cmd.Context(), id)
			if err != nil {
				return fmt.Errorf("explain: %w", err)
			}
			if err := output.document(cmd, e, explanationTable(e, showValues)); err != nil {
				return err
			}
			output.summary(cmd, "%s", verdict(e))
			if e.Known || e.Okta.Problem != "" {
				return nil
			}
			if explain.IsHash(id) {
				fmt.Fprintln(cmd.ErrOrStderr(), "if that is a hash, the control table knows nobody of it: give the externalId")
			}
			return &exitError{code: exitFailed}
		},
	}
	where.register(cmd)
	cmd.Flags().BoolVar(&showIDs, "show-ids", false, "show externalIds and keys instead of their keyed hashes")
	cmd.Flags().BoolVar(&showValues, "show-values", false, "show the values of attributes; they are personal data")
	output.register(cmd)
	return cmd
}

func explanationTable(e explain.Explanation, values bool) (t table) {
	t.add("person", e.Person)
	if len(e.Items) == 0 {
		t.add("item", "none is known")
	}
	for _, item := range e.Items {
		t.add("item", item.Key+" "+itemState(item))
		for _, a := range item.Profile {
			if values {
				t.add("", a.Name+" = "+shownValue(a.Value))
			}
		}
		if !values && len(item.Profile) > 0 {
			t.add("", "maps to "+attributeNames(item.Profile))
		}
	}
	for _, line := range controlLines(e.Control) {
		t.add("control", line)
	}
	for _, line := range queueLines(e.Queue) {
		t.add("queue", line)
	}
	t.add("Okta", userState(e.Okta, values))
	for _, o := range e.Next {
		asked := ""
		if o.Asked != "" {
			asked = " if asked to " + o.Asked
		}
		t.add("next flush"+asked, fmt.Sprintf("%s: %s", o.Now, o.Why))
	}
	t.add("guard", fmt.Sprintf("%d deactivated in 24 h, holds beyond %d", e.Guard.Deactivated, e.Guard.Limit))
	return t
}

func itemState(item explain.Item) string {
	text := string(item.State)
	if item.Why != "" {
		text += ": " + item.Why
	}
	if item.Protected {
		text += ", protected"
	}
	return text
}

func attributeNames(attributes []explain.Attribute) string {
	names := make([]string, len(attributes))
	for i, a := range attributes {
		names[i] = a.Name
	}
	return strings.Join(names, ", ")
}

func controlLines(c explain.Control) (lines []string) {
	if c.Held != nil {
		lines = append(lines, fmt.Sprintf("held since %s: %s", moment(c.Held.Since), c.Held.Reason))
	}
	for _, r := range c.Rejects {
		lines = append(lines, fmt.Sprintf("rejected since %s: %s", moment(r.Since), r.Reason))
	}
	for _, w := range c.Watched {
		lines = append(lines, fmt.Sprintf("in session %s, importing since %s", w.Session, moment(w.Triggered)))
	}
	if d := c.Deactivated; d != nil {
		lines = append(lines, fmt.Sprintf("deactivated %s, in session %s", moment(d.At), d.Session))
	}
	if c.Paused {
		lines = append(lines, "the flusher is paused")
	}
	if c.ObserveOnly {
		lines = append(lines, "the flusher only observes")
	}
	if !c.NextTry.IsZero() {
		lines = append(lines, "the next flush is at "+moment(c.NextTry)+" at the earliest")
	}
	if len(lines) == 0 {
		lines = []string{"knows nothing of the person"}
	}
	return lines
}

func queueLines(q explain.Queue) (lines []string) {
	for _, d := range q.Depths {
		lines = append(lines, d.Name+": "+depth(d))
	}
	lines = append(lines, q.Unknown...)
	if q.Messages != nil {
		lines = append(lines, fmt.Sprintf("%s the person", plural(*q.Messages, "1 message names", fmt.Sprintf("%d messages name", *q.Messages))))
	}
	return lines
}

func userState(u explain.User, values bool) string {
	switch {
	case u.Problem != "":
		return "could not be asked: " + u.Problem
	case !u.There:
		return "does not have the person"
	}
	text := u.Status
	if text == "" {
		text = "has the person"
	}
	if !u.LastUpdated.IsZero() {
		text += ", last updated " + moment(u.LastUpdated)
	}
	if len(u.Differs) > 0 {
		text += ", differs in " + differences(u.Differs, values)
	}
	return text
}

// verdict is the explanation in one line.
func verdict(e explain.Explanation) string {
	next := e.Next[0]
	switch {
	case !e.Known && e.Okta.Problem == "":
		return "nobody of that externalId is here or in Okta"
	case e.InStep == nil && e.Okta.Problem != "":
		return "Okta could not be asked; a flush that hears of the person would: " + outlook(next.Now, next.Why)
	case e.InStep == nil:
		return "cannot be told to Okta: " + next.Why
	case *e.InStep:
		return "in step: Okta has what the table says"
	}
	because := onItsWay(e.Queue)
	switch c := e.Control; {
	case c.Held != nil:
		because = "the guard holds the person: rollcall held release"
	case len(c.Rejects) > 0:
		because = "there is a reject: rollcall rejects retry"
	case len(c.Watched) > 0:
		because = "Okta is importing the person"
	case c.Paused || c.ObserveOnly:
		because = "the flusher does not tell Okta: rollcall resume"
	case next.Now == batcher.DoReject || next.Now == batcher.DoHold:
		because = outlook(next.Now, next.Why)
	case next.Now == batcher.DoNothing:
		because = "the table does not have the person: rollcall deactivate, or sync --deactivate-missing"
	}
	return "not in step: " + because
}

// onItsWay says of one about whom nothing else explains that Okta has them otherwise whether it can be on its way.
func onItsWay(q explain.Queue) string {
	waiting := int64(0)
	for _, d := range q.Depths {
		waiting += d.Visible + d.Hidden
	}
	switch {
	case q.Messages != nil && *q.Messages > 0:
		return "it is in the queue: the next flush that takes it tells it"
	case q.Messages != nil:
		return "nothing here explains it, and no message names the person: rollcall sync tells it"
	case waiting > 0 || len(q.Unknown) > 0:
		return "nothing here explains it: it may be in the queue, else rollcall sync tells it"
	}
	return "nothing here explains it, and the queue is empty: rollcall sync tells it"
}
