package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"rollcall/internal/replay"
)

// errMoment is returned for a flag that names no time.
var errMoment = errors.New("give a duration, such as 2h, or a time, such as 2026-01-31T09:00:00Z")

// inDays is a duration as people write it and Go does not.
var inDays = regexp.MustCompile(`^([0-9]{1,4})d$`)

// momentFlag is a time, or how long ago it was, of a flag.
type momentFlag struct {
	name, text string
}

// read returns the moment, nil for none, and when it is by this machine's clock.
func (f *momentFlag) read() (m replay.Moment, about time.Time, err error) {
	if f.text == "" {
		return nil, time.Time{}, nil
	}
	now := time.Now()
	if d, err := time.ParseDuration(f.text); err == nil && d >= 0 {
		return replay.Ago(d), now.Add(-d), nil
	}
	about, err = time.Parse(time.RFC3339, f.text)
	switch days := inDays.FindStringSubmatch(f.text); {
	case days != nil:
		n, _ := strconv.Atoi(days[1])
		err = fmt.Errorf("days are not taken: write %dh", 24*n)
	case err != nil:
		err = errMoment
	case about.After(now):
		err = errors.New("that is still to come")
	default:
		return replay.At(about), about, nil
	}
	return nil, time.Time{}, usageError(fmt.Errorf("--%s %q: %w", f.name, f.text, err))
}
