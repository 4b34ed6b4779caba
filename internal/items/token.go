package items

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// appendString appends s as a JSON string, escaped no more than JSON needs. Every s here was read from valid JSON.
func appendString(dst []byte, s string) []byte {
	dst, err := jsontext.AppendQuote(dst, s)
	if err != nil {
		panic("items: a string that was read as JSON is not valid UTF-8")
	}
	return dst
}

func expect(dec *jsontext.Decoder, kind jsontext.Kind, what string) error {
	token, err := dec.ReadToken()
	if err != nil {
		return readable(err)
	}
	if token.Kind() != kind {
		return fmt.Errorf("expected %s", what)
	}
	return nil
}

func readString(dec *jsontext.Decoder, what string) (string, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return "", readable(err)
	}
	if token.Kind() != jsontext.KindString {
		return "", fmt.Errorf("expected %s", what)
	}
	return token.String(), nil
}

// atEnd reports an error if anything follows the value that was read.
func atEnd(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON value")
	}
	return nil
}

// readable takes the offending text out of a syntax error, since it may be a piece of an item.
func readable(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON ends too early")
	case errors.As(err, &syntax):
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fmt.Errorf("a name occurs twice before byte %d", syntax.ByteOffset)
		}
		return fmt.Errorf("not valid JSON at byte %d", syntax.ByteOffset)
	default:
		return err
	}
}
