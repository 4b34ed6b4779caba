package intent

import (
	"errors"
	"unicode/utf8"
)

// errNotUTF8 is an error and no replacement character: two people whose IDs differ in the bytes that cannot be written
// would become one.
var errNotUTF8 = errors.New("text is not valid UTF-8")

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string of characters that SQS takes (#x9 #xA #xD #x20-#xD7FF #xE000-#xFFFD
// #x10000-#x10FFFF); the others are escaped. On an error dst is returned as it was.
func appendString(dst []byte, s string) ([]byte, error) {
	start := len(dst)
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[from:i]...)
			dst = appendEscape(dst, c)
			i++
			from = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			return dst[:start], errNotUTF8
		}
		if r == 0xFFFE || r == 0xFFFF {
			dst = append(dst, s[from:i]...)
			dst = append(dst, `\uff`...)
			dst = append(dst, 'f', hexDigits[r&0xF])
			from = i + size
		}
		i += size
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"'), nil
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xF])
}

// appendKey appends a key, which is JSON already; only the two characters that SQS refuses and JSON does not have to be
// escaped.
func appendKey(dst []byte, key Key) []byte {
	from := 0
	for i := 0; i+2 < len(key); i++ {
		if key[i] == 0xEF && key[i+1] == 0xBF && key[i+2] >= 0xBE {
			dst = append(dst, key[from:i]...)
			dst = append(dst, `\uff`...)
			dst = append(dst, 'f', hexDigits[key[i+2]&0xF])
			from = i + 3
		}
	}
	return append(dst, key[from:]...)
}
