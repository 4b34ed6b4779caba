package mapping

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// collectionOf returns what an expression sees of a binary value, a set, a list or a map.
func collectionOf(value []byte) (any, error) {
	var typed struct {
		B  []byte                    `json:"B"`
		SS []string                  `json:"SS"`
		NS []string                  `json:"NS"`
		BS [][]byte                  `json:"BS"`
		L  []jsontext.Value          `json:"L"`
		M  map[string]jsontext.Value `json:"M"`
	}
	if err := json.Unmarshal(value, &typed); err != nil {
		return nil, errors.New("has a malformed value")
	}
	switch {
	case typed.M != nil:
		members := make(map[string]any, len(typed.M))
		for name, raw := range typed.M {
			member, err := valueOf(raw)
			if err != nil {
				return nil, err
			}
			members[name] = member
		}
		return members, nil
	case typed.B != nil:
		return binary(typed.B), nil
	}
	elements := []any{}
	for _, s := range typed.SS {
		elements = append(elements, s)
	}
	for _, n := range typed.NS {
		elements = append(elements, numberOf(n))
	}
	for _, b := range typed.BS {
		elements = append(elements, binary(b))
	}
	for _, raw := range typed.L {
		element, err := valueOf(raw)
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	return elements, nil
}
