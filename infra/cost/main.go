// Command cost computes what a deployment costs in a month:
//
//	go run ./infra/cost [-changes 0,10000,1000000] [-prices FILE]
//
// It multiplies counted calls (calls.go, each with its source) by prices (prices.json, or the file given) and prints a table
// in Markdown. docs/deploy.md has it; a test keeps that true.
package main

import (
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

//go:embed prices.json
var listed []byte

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("cost", flag.ContinueOnError)
	changes := flags.String("changes", "0,10000,1000000", "changes a month, one column each")
	file := flags.String("prices", "", "JSON file with prices in USD; without it those of us-east-1 that are listed here")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var months []float64
	for text := range strings.SplitSeq(*changes, ",") {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("read -changes: %q is not a number of changes", text)
		}
		months = append(months, n)
	}
	text := listed
	if *file != "" {
		var err error
		if text, err = os.ReadFile(*file); err != nil {
			return fmt.Errorf("read prices: %w", err)
		}
	}
	p, err := readPrices(text)
	if err != nil {
		return err
	}
	return writeTable(out, p, months)
}

// prices are in USD, by what they are for.
type prices struct {
	asOf string
	of   map[string]float64
}

// readPrices reads prices. All that calls.go asks for must be there, and nothing else.
func readPrices(text []byte) (prices, error) {
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return prices{}, fmt.Errorf("parse prices: %w", err)
	}
	p := prices{of: map[string]float64{}}
	for name, value := range all {
		switch v := value.(type) {
		case string:
			p.asOf = v
		case float64:
			p.of[name] = v
		default:
			return prices{}, fmt.Errorf("parse prices: %q is no number", name)
		}
	}
	for _, it := range items(0) {
		if _, ok := p.of[it.price]; !ok {
			return prices{}, fmt.Errorf("parse prices: there is no price for %q", it.price)
		}
	}
	if len(p.of) > len(priceNames()) {
		return prices{}, fmt.Errorf("parse prices: there are %d prices, %d of them are used", len(p.of), len(priceNames()))
	}
	return p, nil
}

func priceNames() map[string]bool {
	names := map[string]bool{}
	for _, it := range items(0) {
		names[it.price] = true
	}
	return names
}

// writeTable writes a row for each item and a column for each month.
func writeTable(out io.Writer, p prices, months []float64) error {
	var b strings.Builder
	b.WriteString("| USD a month |")
	for _, changes := range months {
		fmt.Fprintf(&b, " %s |", heading(changes))
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(months)) + "\n")
	totals := make([]float64, len(months))
	for i, row := range items(0) {
		fmt.Fprintf(&b, "| %s |", row.name)
		for m, changes := range months {
			it := items(changes)[i]
			usd := it.quantity * p.of[it.price]
			totals[m] += usd
			fmt.Fprintf(&b, " %.2f |", usd)
		}
		b.WriteString("\n")
	}
	b.WriteString("| **all** |")
	for _, total := range totals {
		fmt.Fprintf(&b, " **%.2f** |", total)
	}
	fmt.Fprintf(&b, "\n\nPrices: %s.\n", p.asOf)
	_, err := io.WriteString(out, b.String())
	return err
}

func heading(changes float64) string {
	if changes == 0 {
		return "idle"
	}
	digits := strconv.FormatFloat(changes, 'f', 0, 64)
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String() + " changes"
}
