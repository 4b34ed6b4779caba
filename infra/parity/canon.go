package parity

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// canonical is the value as JSON in one form: keys sorted, and lists of simple values too, since no list of ours has an order
// that matters. Policies and other JSON in a string become the JSON itself.
func canonical(v any) string {
	if s, ok := v.(string); ok && strings.HasPrefix(s, "{") {
		var document any
		if json.Unmarshal([]byte(s), &document) == nil {
			v = document
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(ordered(v)); err != nil {
		panic(err) // the value was decoded from JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// ordered returns the value with lists of simple values sorted, and policies' statements sorted by ID with lists of one
// action or resource in place of the one.
func ordered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, member := range v {
			out[key] = ordered(member)
		}
		if statements, ok := out["Statement"].([]any); ok {
			slices.SortFunc(statements, func(a, b any) int { return cmp.Compare(text(a, "Sid"), text(b, "Sid")) })
		}
		for _, list := range []string{"Action", "Resource"} {
			if one, ok := out[list].(string); ok {
				out[list] = []any{one}
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		simple := true
		for i, member := range v {
			out[i] = ordered(member)
			_, isText := member.(string)
			simple = simple && isText
		}
		// A metric of a dashboard is a list whose order matters; it is the same on both sides, sorted or not.
		if simple {
			slices.SortFunc(out, func(a, b any) int { return cmp.Compare(a.(string), b.(string)) })
		}
		return out
	default:
		return v
	}
}

// text is a member of an object that is a string, or "".
func text(object any, member string) string {
	m, _ := object.(map[string]any)
	s, _ := m[member].(string)
	return s
}

// statements are those of a policy document.
func statements(document any) []Statement {
	if s, ok := document.(string); ok {
		var parsed any
		if json.Unmarshal([]byte(s), &parsed) != nil {
			return nil
		}
		document = parsed
	}
	policy, _ := ordered(document).(map[string]any)
	list, _ := policy["Statement"].([]any)
	var out []Statement
	for _, it := range list {
		member, _ := it.(map[string]any)
		s := Statement{ID: text(it, "Sid"), Actions: texts(member["Action"]), Resources: texts(member["Resource"])}
		if condition, ok := member["Condition"]; ok {
			s.Condition = canonical(condition)
		}
		out = append(out, s)
	}
	return out
}

func texts(list any) []string {
	var out []string
	members, _ := list.([]any)
	for _, it := range members {
		s, _ := it.(string)
		out = append(out, s)
	}
	return out
}
