package intent

import (
	"strconv"
	"strings"
)

// maxExponent is above what DynamoDB numbers have (1E-130 to 9.99E+125), so that a made-up key cannot grow.
const maxExponent = 200

// isCanonicalNumber reports that text is a number as canonicalNumber writes it.
func isCanonicalNumber(text []byte) bool {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	point := -1
	for i, c := range digits {
		switch {
		case c >= '0' && c <= '9':
		case c == '.' && point < 0 && i > 0:
			point = i
		default:
			return false
		}
	}
	switch {
	case len(digits) == 0 || string(text) == "-0":
		return false
	case point >= 0 && (point == len(digits)-1 || digits[len(digits)-1] == '0'):
		return false
	}
	return digits[0] != '0' || len(digits) == 1 || digits[1] == '.'
}

// canonicalNumber writes a decimal number as DynamoDB does: without exponent, superfluous zeros and plus sign. DynamoDB
// takes 1.0 and 1E0 for the same key as 1.
func canonicalNumber(text string) (string, bool) {
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		if err != nil || n > maxExponent || n < -maxExponent {
			return "", false
		}
		mantissa, exponent = text[:i], n
	}
	negative := strings.HasPrefix(mantissa, "-")
	mantissa = strings.TrimPrefix(mantissa, "-")
	if !negative {
		mantissa = strings.TrimPrefix(mantissa, "+")
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	// The point is behind this many of the digits, which may be none or more than there are.
	point := len(whole) + exponent
	stripped := strings.TrimLeft(digits, "0")
	point -= len(digits) - len(stripped)
	digits = strings.TrimRight(stripped, "0")
	if digits == "" {
		return "0", true
	}
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	switch {
	case point <= 0:
		b.WriteString("0." + strings.Repeat("0", -point) + digits)
	case point >= len(digits):
		b.WriteString(digits + strings.Repeat("0", point-len(digits)))
	default:
		b.WriteString(digits[:point] + "." + digits[point:])
	}
	return b.String(), true
}
