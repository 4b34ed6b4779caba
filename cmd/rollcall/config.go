package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/internal/config"
)

// configFile is the configuration that commands read where they are told of no other, if it is there.
const configFile = "rollcall.yaml"

// addConfigFlag adds --config, for loadConfig.
func addConfigFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", "", "the configuration; without it ./rollcall.yaml if it is there, else the defaults; variables win over all")
}

// loadConfig is how every command comes to its configuration: the file at path, else configFile where it is there, else
// the defaults, and the environment over them. Required is as in config.Load.
func loadConfig(path string, required ...string) (config.Config, error) {
	if path == "" {
		path = presentConfig()
	}
	return config.LoadFile(path, required...)
}

// presentConfig returns configFile, or an empty path if it is not there.
func presentConfig() string {
	if _, err := os.Stat(configFile); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return configFile
}

// needed are the settings that the functions on AWS cannot do without.
var needed = []string{
	"table", "control", "queue.intents", "queue.urgent", "okta.orgUrl", "okta.identitySourceId", "okta.secretArn",
}

func newConfig() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check the configuration",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Example: `  rollcall config check
  rollcall config check deploy/rollcall.yaml`,
	}
	cmd.AddCommand(newConfigCheck())
	return cmd
}

func newConfigCheck() *cobra.Command {
	var complete bool
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Find every mistake in a configuration and its environment variables",
		Long: `Find every mistake in a configuration and in the environment variables that are laid over it, each with its place.

Without FILE it checks rollcall.yaml, or the defaults where there is none. Settings that the functions need, but are
often given by their environment, are only listed when they are missing; with --complete they are mistakes.`,
		Example: `  rollcall config check
  ROLLCALL_TABLE=staff rollcall config check deploy/rollcall.yaml --complete`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := presentConfig()
			if len(args) == 1 {
				path = args[0]
			}
			return checkConfig(cmd, path, complete)
		},
	}
	cmd.Flags().BoolVar(&complete, "complete", false, "also require what the functions need")
	return cmd
}

func checkConfig(cmd *cobra.Command, path string, complete bool) error {
	_, err := config.LoadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, missing := config.LoadFile(path, needed...)
	if complete {
		err = missing
	}
	problems := config.Problems(err)
	for _, p := range problems {
		fmt.Fprintln(cmd.ErrOrStderr(), p)
	}
	unknown := config.UnknownVariables(os.Environ())
	for _, name := range unknown {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: no such setting\n", name)
	}
	if n := len(problems) + len(unknown); n > 0 {
		return fmt.Errorf("mistakes found: %d", n)
	}
	if path == "" {
		path = "the default configuration"
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: no mistakes\n", path)
	if left := settingsOf(config.Problems(missing)); len(left) > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "left to the environment of the functions: %s\n", strings.Join(left, ", "))
	}
	return nil
}

func settingsOf(problems []*config.Problem) []string {
	var settings []string
	for _, p := range problems {
		settings = append(settings, p.Setting)
	}
	return settings
}
