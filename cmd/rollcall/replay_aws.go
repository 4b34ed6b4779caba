package main

import (
	"errors"
	"fmt"
	"time"

	sdkaws "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"
)

// awsOnly is the configuration of AWS's clients, for a source that is nowhere else.
func (f *replayFlags) awsOnly(cmd *cobra.Command, what string) (sdkaws.Config, error) {
	if f.target.dir != "" {
		return sdkaws.Config{}, usageError(fmt.Errorf("%s is on AWS only: a local house has none; replay file and sync work on it", what))
	}
	return loadAWS(cmd.Context())
}

// errMoment is returned for a flag that names no time.
var errMoment = errors.New("give a duration, such as 2h, or a time, such as 2026-01-31T09:00:00Z")

// momentOf reads a time, or a duration before now; the zero time for an empty text.
func momentOf(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return time.Now().Add(-d), nil
	}
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil || moment.After(time.Now()) {
		return time.Time{}, usageError(fmt.Errorf("--%s %q: %w", flag, text, errMoment))
	}
	return moment, nil
}
