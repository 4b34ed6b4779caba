// Command gen writes fictitious people as CSV.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"rollcall/internal/sample"
)

func main() {
	seed := flag.Uint64("seed", sample.Seed, "which people: the same seed makes the same ones")
	n := flag.Int("n", sample.Count, "how many people")
	out := flag.String("o", "", "file to write; standard output if empty")
	flag.Parse()
	if err := write(*seed, *n, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func write(seed uint64, n int, path string) error {
	var text bytes.Buffer
	if err := sample.WriteCSV(&text, sample.Generate(seed, n)); err != nil {
		return err
	}
	if path == "" {
		_, err := os.Stdout.Write(text.Bytes())
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}
