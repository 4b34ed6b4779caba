package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/internal/config"
)

// rateFlag is --read-rate of a command that reads the whole table.
type rateFlag struct{ value float64 }

// defaultReadRate is how many read units a second a command takes that reads the whole table, where nobody says.
const defaultReadRate = 200

func (f *rateFlag) register(cmd *cobra.Command) {
	cmd.Flags().Float64Var(&f.value, "read-rate", 0, fmt.Sprintf(
		"most read units a second; without it readRate of the configuration, or %d where that is 0; 0 is no limit, and a local house has none", defaultReadRate))
}

// of returns the rate.
func (f *rateFlag) of(cmd *cobra.Command, settings config.Config) (float64, error) {
	switch {
	case f.value < 0:
		return 0, usageError(errors.New("--read-rate is 0 or more"))
	case cmd.Flags().Changed("read-rate"):
		return f.value, nil
	case settings.ReadRate > 0:
		return settings.ReadRate, nil
	}
	return defaultReadRate, nil
}
