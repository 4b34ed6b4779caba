package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/okta/oktasim"
)

// check compares what the step left behind with what it should have.
func (w *Walk) check(ctx context.Context, want expectation, calls int) error {
	got := w.outcomes()
	if !maps.Equal(got, want.outcomes) {
		return fmt.Errorf("imports came to %s, want %s", told(got), told(want.outcomes))
	}
	held, err := w.House.Control.Held(ctx)
	if err != nil {
		return err
	}
	if len(held) != want.held {
		return fmt.Errorf("%d people are held, want %d", len(held), want.held)
	}
	if want.calm && calls > 0 {
		return fmt.Errorf("%d calls to Okta, want none", calls)
	}
	if want.also != nil {
		return want.also(w)
	}
	return nil
}

// outcomes counts the people of the imports of this step.
func (w *Walk) outcomes() map[oktasim.Outcome]int {
	var n map[oktasim.Outcome]int
	for _, s := range w.imports() {
		for _, p := range s.People {
			if n == nil {
				n = map[oktasim.Outcome]int{}
			}
			n[p.Outcome]++
		}
	}
	return n
}

// imports are the sessions of this step whose import was started.
func (w *Walk) imports() []oktasim.Session {
	var started []oktasim.Session
	for _, s := range w.House.Org.Sessions()[w.sessions:] {
		if !s.Triggered.IsZero() {
			started = append(started, s)
		}
	}
	return started
}

func (w *Walk) oneImport() error {
	if n := len(w.imports()); n != 1 {
		return fmt.Errorf("%d imports, want one", n)
	}
	return nil
}

// holds checks an attribute of a person in Okta; empty is none.
func (w *Walk) holds(i int, attribute, value string) error {
	user, there := w.user(i)
	if !there {
		return fmt.Errorf("person %d is not in Okta", i)
	}
	if user.Profile[attribute] != value {
		return fmt.Errorf("%s of person %d in Okta is %q, want %q", attribute, i, user.Profile[attribute], value)
	}
	return nil
}

func (w *Walk) is(i int, status string) error {
	user, there := w.user(i)
	if !there || user.Status != status {
		return fmt.Errorf("person %d is %q in Okta, want %q", i, user.Status, status)
	}
	return nil
}

func (w *Walk) user(i int) (oktasim.User, bool) {
	return w.House.Org.User(w.people[i]["id"].(string))
}

func (w *Walk) calls() int {
	n := 0
	for _, c := range w.House.Org.Calls() {
		n += c
	}
	return n
}

// became tells in words what came of the step.
func (w *Walk) became(ctx context.Context) string {
	var parts []string
	if imports := len(w.imports()); imports > 0 {
		parts = append(parts, fmt.Sprintf("%d import: %s", imports, told(w.outcomes())))
	}
	if held, err := w.House.Control.Held(ctx); err == nil && len(held) > 0 {
		parts = append(parts, fmt.Sprintf("%d held by the guard", len(held)))
	}
	if len(parts) == 0 {
		return "nothing to tell Okta"
	}
	return strings.Join(parts, ", ")
}

func told(outcomes map[oktasim.Outcome]int) string {
	if len(outcomes) == 0 {
		return "nobody"
	}
	var parts []string
	for _, o := range slices.Sorted(maps.Keys(outcomes)) {
		parts = append(parts, fmt.Sprintf("%d %s", outcomes[o], o))
	}
	return strings.Join(parts, ", ")
}

// ending tells what Okta holds and what it was asked.
func (w *Walk) ending() {
	byStatus := map[string]int{}
	users := w.House.Org.Users()
	for _, u := range users {
		byStatus[u.Status]++
	}
	fmt.Fprintf(w.Out, "\nOkta holds %d people:\n", len(users))
	for _, status := range slices.Sorted(maps.Keys(byStatus)) {
		fmt.Fprintf(w.Out, "  %-16s %4d\n", strings.ToLower(status), byStatus[status])
	}
	calls := w.House.Org.Calls()
	fmt.Fprintf(w.Out, "Calls to Okta: %d\n", w.calls())
	for _, op := range slices.Sorted(maps.Keys(calls)) {
		fmt.Fprintf(w.Out, "  %-16s %4d\n", op, calls[op])
	}
}
