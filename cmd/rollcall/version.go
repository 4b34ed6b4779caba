package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/internal/version"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  rollcall version",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "rollcall %s %s\n", version.String(), version.Platform())
			return err
		},
	}
}
