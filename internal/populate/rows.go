// Package populate sends the rows of a CSV file to the items API.
package populate

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Rows reads items from a CSV file whose header names the attributes. The value of the column active becomes a boolean;
// all others stay strings, the empty one too. A byte-order mark is skipped.
type Rows struct {
	csv    *csv.Reader
	header []string
}

// Row is one row that became an item.
type Row struct {
	Line int // in the file, from 1
	Item map[string]any
}

// RowError is what is wrong with one row; the next one can be read. It names columns, never values.
type RowError struct {
	Line   int
	Reason string
}

func (e *RowError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// NewRows reads the header.
func NewRows(file io.Reader) (*Rows, error) {
	text := bufio.NewReader(file)
	if mark, _ := text.Peek(3); string(mark) == "\ufeff" {
		if _, err := text.Discard(3); err != nil {
			return nil, fmt.Errorf("read header: %w", err)
		}
	}
	reader := csv.NewReader(text)
	reader.FieldsPerRecord = -1 // counted here, so that a row with too few does not end the file
	header, err := reader.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("read header: the file is empty")
		}
		return nil, fmt.Errorf("read header: %w", err)
	}
	for i, name := range header {
		if name == "" || !utf8.ValidString(name) {
			return nil, fmt.Errorf("read header: column %d has no name in UTF-8", i+1)
		}
		if slices.Contains(header[:i], name) {
			return nil, fmt.Errorf("read header: column %d has the name of an earlier one", i+1)
		}
	}
	return &Rows{csv: reader, header: header}, nil
}

// Next returns the next row, a *RowError for one that cannot be an item, or io.EOF.
func (r *Rows) Next() (Row, error) {
	fields, err := r.csv.Read()
	var syntax *csv.ParseError
	switch {
	case errors.As(err, &syntax):
		return Row{}, &RowError{Line: syntax.StartLine, Reason: syntax.Err.Error()}
	case err != nil:
		return Row{}, err
	}
	line, _ := r.csv.FieldPos(0)
	if len(fields) != len(r.header) {
		return Row{}, &RowError{Line: line, Reason: fmt.Sprintf("has %d fields, the header %d", len(fields), len(r.header))}
	}
	row := Row{Line: line, Item: make(map[string]any, len(fields))}
	for i, name := range r.header {
		value, reason := convert(name, fields[i])
		if reason != "" {
			return Row{}, &RowError{Line: line, Reason: name + ": " + reason}
		}
		row.Item[name] = value
	}
	return row, nil
}

func convert(name, text string) (value any, reason string) {
	switch {
	case !utf8.ValidString(text):
		return nil, "is not UTF-8"
	case name != "active":
		return text, ""
	}
	switch strings.ToLower(text) {
	case "true", "yes", "1":
		return true, ""
	case "false", "no", "0":
		return false, ""
	}
	return nil, "must be true, false, yes, no, 1 or 0"
}
