package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"rollcall/internal/populate"
	"rollcall/internal/progress"
)

// putTimeout is the most that one PUT may take.
const putTimeout = 30 * time.Second

func newPopulate() *cobra.Command {
	var target, file string
	cmd := &cobra.Command{
		Use:   "populate --url URL --csv FILE",
		Short: "Put the rows of a CSV file into the table, through the items API",
		Long: `Put each row of a CSV file as an item, through the items API.

The header names the attributes; the column active becomes a boolean, all others stay text. A row that is bad is reported
with its line number, and the rest goes on; the exit code is then 1.`,
		Example: `  rollcall populate --url http://127.0.0.1:8080/items --csv people.csv
  go run ./internal/sample/gen -n 500 | rollcall populate --url http://127.0.0.1:8080/items --csv -`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := itemsURL(target)
			if err != nil {
				return usageError(err)
			}
			return runPopulate(cmd, items, file)
		},
	}
	cmd.Flags().StringVar(&target, "url", "", "the items API, http://host/items")
	cmd.Flags().StringVar(&file, "csv", "", "the CSV file; - is standard input")
	requireFlags(cmd, "url", "csv")
	return cmd
}

// itemsURL returns the URL of the items, which is /items where only the API's host was given.
func itemsURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("--url must be the items API, such as http://127.0.0.1:8080/items")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/items"
	}
	return u.String(), nil
}

func runPopulate(cmd *cobra.Command, url, file string) error {
	text, err := readInput(cmd, file)
	if err != nil {
		return fmt.Errorf("read CSV: %w", err)
	}
	total, err := countRows(text)
	if err != nil {
		return err
	}
	rows, err := populate.NewRows(bytes.NewReader(text))
	if err != nil {
		return err
	}
	report := &populateReport{bar: progress.Start(cmd.ErrOrStderr(), "rows", total)}
	err = populate.Run(cmd.Context(), &http.Client{Timeout: putTimeout}, url, rows, report)
	report.bar.Stop()
	fmt.Fprintf(cmd.OutOrStdout(), "%d items put, %d rows bad\n", report.put, report.bad)
	if err == nil && report.bad > 0 {
		return &exitError{code: exitFailed}
	}
	return err
}

// countRows returns how many rows there are, good and bad.
func countRows(text []byte) (int, error) {
	rows, err := populate.NewRows(bytes.NewReader(text))
	for n := 0; err == nil; n++ {
		var bad *populate.RowError
		if _, next := rows.Next(); next != nil && !errors.As(next, &bad) {
			if errors.Is(next, io.EOF) {
				return n, nil
			}
			err = next
		}
	}
	return 0, err
}

// populateReport shows what became of the rows.
type populateReport struct {
	bar      *progress.Bar
	put, bad int
}

func (r *populateReport) Put(populate.Row) {
	r.put++
	r.bar.Add(1)
}

func (r *populateReport) Bad(row *populate.RowError) {
	r.bad++
	r.bar.Printf("%v", row)
	r.bar.Add(1)
}

// readInput reads a file whole, or standard input for "-".
func readInput(cmd *cobra.Command, path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(cmd.InOrStdin())
	}
	return os.ReadFile(path)
}

// requireFlags makes flags required, the lack of one a usage error.
func requireFlags(cmd *cobra.Command, names ...string) {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range names {
			if !cmd.Flags().Changed(name) {
				return usageError(fmt.Errorf("--%s is required: see %s --help", name, cmd.CommandPath()))
			}
		}
		return run(cmd, args)
	}
}
