package config

import "fmt"

// Secret is a value that must not be seen: it prints as *** in every format. A conversion, string(secret), is the one way
// to its value. Keep it in exported fields and out of the keys of maps: fmt and encoding/json do not ask there.
type Secret string

const masked = "***"

// Format implements fmt.Formatter for every verb and flag.
func (Secret) Format(state fmt.State, _ rune) { fmt.Fprint(state, masked) }

// String implements fmt.Stringer, for those who call it themselves.
func (Secret) String() string { return masked }

// GoString implements fmt.GoStringer, for those who call it themselves.
func (Secret) GoString() string { return masked }

// MarshalText implements encoding.TextMarshaler, which JSON, YAML, XML and the loggers ask for.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
