package okta

import (
	"fmt"
	"io"
)

// Secret is a value that must not be seen: it prints as *** in every format. Convert it to a string to use it.
type Secret string

const hidden = "***"

// String returns ***.
func (Secret) String() string { return hidden }

// Format writes *** whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText returns ***, so that encoders do not show the value either.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
