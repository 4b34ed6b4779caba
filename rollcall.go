// Package rollcall holds the default configuration; the program is in cmd, its stations in the folders beside it.
package rollcall

import _ "embed"

// DefaultConfig is rollcall.yaml: every setting with its default, and a mapping to start from.
//
//go:embed rollcall.yaml
var DefaultConfig []byte
