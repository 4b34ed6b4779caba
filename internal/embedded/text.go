package embedded

import (
	"fmt"
	"unicode/utf8"
)

// refuse returns why SQS would not take a body: its length, or a character that XML 1.0 cannot hold.
func refuse(body string) error {
	if len(body) == 0 || len(body) > maxMessageBytes {
		return fmt.Errorf("message of %d bytes, not 1 to %d", len(body), maxMessageBytes)
	}
	if !utf8.ValidString(body) {
		return fmt.Errorf("message that is not valid UTF-8")
	}
	for _, r := range body {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return fmt.Errorf("message with the character %U", r)
		}
	}
	return nil
}
