package items

import (
	"errors"
	"strconv"
	"strings"
)

// DynamoDB's limits on numbers, from "Supported data types" of its developer guide: 38 significant digits, magnitudes
// from 1E-130 to 9.99…E+125, and zero.
const (
	maxDigits   = 38
	minExponent = -130
	maxExponent = 125
)

var (
	errNotNumber  = errors.New("not a number")
	errManyDigits = errors.New("a number of more than 38 significant digits")
	errMagnitude  = errors.New("a number outside of 1E-130 to 9.99E+125")
)

// number returns the number in the one form that DynamoDB answers: every significant digit, no exponent, no sign but a
// minus, no zeros that say nothing.
func number(s string) (string, error) {
	negative := strings.HasPrefix(s, "-")
	mantissa := strings.TrimLeft(s, "+-")
	if len(s)-len(mantissa) > 1 {
		return "", errNotNumber
	}
	exponent := 0
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		var err error
		if exponent, err = strconv.Atoi(mantissa[i+1:]); errors.Is(err, strconv.ErrSyntax) {
			return "", errNotNumber
		} else if err != nil {
			exponent = 1 << 20 // out of range for a magnitude, harmless to add to
			if mantissa[i+1] == '-' {
				exponent = -exponent
			}
		}
		mantissa = mantissa[:i]
	}
	whole, fraction, point := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || (point && whole == "" && fraction == "") || strings.Trim(digits, "0123456789") != "" {
		return "", errNotNumber
	}
	exponent -= len(fraction)
	trimmed := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(trimmed)
	trimmed = strings.TrimLeft(trimmed, "0")
	if trimmed == "" {
		return "0", nil
	}
	if len(trimmed) > maxDigits {
		return "", errManyDigits
	}
	if top := exponent + len(trimmed) - 1; top < minExponent || top > maxExponent {
		return "", errMagnitude
	}
	plain := place(trimmed, exponent)
	if negative {
		plain = "-" + plain
	}
	return plain, nil
}

// place writes digits × 10^exponent without an exponent.
func place(digits string, exponent int) string {
	switch {
	case exponent >= 0:
		return digits + strings.Repeat("0", exponent)
	case -exponent < len(digits):
		return digits[:len(digits)+exponent] + "." + digits[len(digits)+exponent:]
	default:
		return "0." + strings.Repeat("0", -exponent-len(digits)) + digits
	}
}
