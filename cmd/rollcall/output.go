package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// outputFlags say how a command prints what it found.
type outputFlags struct {
	format string
}

// register adds --output, which is checked before the command runs: register comes after RunE is set.
func (f *outputFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.format, "output", "table", "table, or json for one document that programs can read")
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.format != "table" && f.format != "json" {
			return usageError(fmt.Errorf("--output is table or json, not %q", f.format))
		}
		return run(cmd, args)
	}
}

func (f *outputFlags) json() bool { return f.format == "json" }

// document prints what a command found: the value as JSON, or the table.
func (f *outputFlags) document(cmd *cobra.Command, value any, t table) error {
	if !f.json() {
		return t.print(cmd.OutOrStdout())
	}
	encoder := json.NewEncoder(cmd.OutOrStdout())
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}

// summary prints the one line at a command's end. Beside a JSON document it goes to standard error.
func (f *outputFlags) summary(cmd *cobra.Command, format string, args ...any) {
	out := cmd.OutOrStdout()
	if f.json() {
		out = cmd.ErrOrStderr()
	}
	fmt.Fprintf(out, format+"\n", args...)
}

// table is what is printed in columns. Without rows nothing is.
type table struct {
	header []string
	rows   [][]string
}

func (t *table) add(row ...string) { t.rows = append(t.rows, row) }

func (t table) print(out io.Writer) error {
	if len(t.rows) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(t.header) > 0 {
		fmt.Fprintln(w, strings.Join(t.header, "\t"))
	}
	for _, row := range t.rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print table: %w", err)
	}
	return nil
}

// moment is a time as a table shows it.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// span is a duration as a table shows it: to the second, or a tenth of it where it is short.
func span(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// counted returns a number of things in words: "1 person", "2 people".
func counted(n int, one, many string) string {
	return fmt.Sprintf("%d %s", n, plural(n, one, many))
}

// plural returns the word for a number of things.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
