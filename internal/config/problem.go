package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Problem is one thing that is wrong with a configuration. It never holds the value that was given.
type Problem struct {
	// Setting is the path of the setting, okta.orgUrl; empty if the file cannot be read at all.
	Setting string
	// Reason says what is wrong, and what would be right.
	Reason string
	// File, Line and Column are where the setting is in the file, both counted from 1; Line is 0 if it is not there.
	File         string
	Line, Column int
	// Variable is the environment variable that gave the setting, or that could give one that is missing.
	Variable string
}

// Error returns the place, the setting and the reason.
func (p *Problem) Error() string {
	text := p.Reason
	if p.Setting != "" {
		text = p.Setting + ": " + p.Reason
	}
	switch {
	case p.Line > 0 && p.File != "":
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, text)
	case p.Line > 0:
		return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, text)
	case p.Variable != "":
		return p.Variable + ": " + text
	}
	return text
}

// Problems returns the problems that an error of Load, LoadFile or Validate joins.
func Problems(err error) []*Problem {
	var all []*Problem
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, e := range joined.Unwrap() {
			all = append(all, Problems(e)...)
		}
		return all
	}
	if problem, ok := errors.AsType[*Problem](err); ok {
		all = append(all, problem)
	}
	return all
}

// join returns the problems as one error in the order of the file, those from elsewhere last.
func join(problems []*Problem) error {
	slices.SortStableFunc(problems, func(a, b *Problem) int {
		return cmp.Or(-cmp.Compare(min(a.Line, 1), min(b.Line, 1)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}
