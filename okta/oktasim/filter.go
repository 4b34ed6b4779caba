package oktasim

import (
	"net/http"
	"regexp"
	"strings"
)

// filter decides on an entry of the System Log.
type filter func(*logBody) bool

// parseFilter reads a filter in the part of SCIM's language that connectors need: attribute op "value" with the
// operators eq, ne, sw, co and pr, joined by and, or, not and brackets. An empty text lets everything through.
func parseFilter(text string) (filter, *refusal) {
	if strings.TrimSpace(text) == "" {
		return func(*logBody) bool { return true }, nil
	}
	p := &filterParser{tokens: filterToken.FindAllString(text, -1)}
	spaces := regexp.MustCompile(`\s`)
	if spaces.ReplaceAllString(strings.Join(p.tokens, ""), "") != spaces.ReplaceAllString(text, "") {
		return nil, badFilter()
	}
	f := p.or()
	if f == nil || len(p.tokens) > 0 {
		return nil, badFilter()
	}
	return f, nil
}

func badFilter() *refusal {
	return &refusal{status: http.StatusBadRequest, code: "E0000031", summary: "Invalid search criteria."}
}

var filterToken = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[()]|[A-Za-z][A-Za-z0-9_.]*`)

// filterParser takes tokens from the front. A nil filter is a mistake.
type filterParser struct{ tokens []string }

func (p *filterParser) next() string {
	if len(p.tokens) == 0 {
		return ""
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

func (p *filterParser) takes(word string) bool {
	if len(p.tokens) == 0 || !strings.EqualFold(p.tokens[0], word) {
		return false
	}
	p.next()
	return true
}

func (p *filterParser) or() filter {
	left := p.and()
	for left != nil && p.takes("or") {
		a, b := left, p.and()
		if b == nil {
			return nil
		}
		left = func(e *logBody) bool { return a(e) || b(e) }
	}
	return left
}

func (p *filterParser) and() filter {
	left := p.term()
	for left != nil && p.takes("and") {
		a, b := left, p.term()
		if b == nil {
			return nil
		}
		left = func(e *logBody) bool { return a(e) && b(e) }
	}
	return left
}

func (p *filterParser) term() filter {
	if p.takes("not") {
		f := p.term()
		if f == nil {
			return nil
		}
		return func(e *logBody) bool { return !f(e) }
	}
	if p.takes("(") {
		f := p.or()
		if !p.takes(")") {
			return nil
		}
		return f
	}
	values := logValues(p.next())
	test := filterOperators[strings.ToLower(p.next())]
	if values == nil || test == nil {
		return nil
	}
	want := ""
	if !test.unary {
		quoted := p.next()
		if !strings.HasPrefix(quoted, `"`) {
			return nil
		}
		want = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(quoted[1 : len(quoted)-1])
	}
	return func(e *logBody) bool {
		for _, have := range values(e) {
			if test.holds(have, want) {
				return true
			}
		}
		return false
	}
}

type filterOperator struct {
	holds func(have, want string) bool
	unary bool
}

var filterOperators = map[string]*filterOperator{
	"eq": {holds: func(have, want string) bool { return have == want }},
	"ne": {holds: func(have, want string) bool { return have != want }},
	"sw": {holds: strings.HasPrefix},
	"co": {holds: strings.Contains},
	"pr": {holds: func(have, _ string) bool { return have != "" }, unary: true},
}

// logValues reads an attribute of an entry; nil if there is no such attribute.
func logValues(path string) func(*logBody) []string {
	const debugData = "debugContext.debugData."
	if key, ok := strings.CutPrefix(path, debugData); ok && key != "" {
		return func(e *logBody) []string { return []string{e.DebugContext.DebugData[key]} }
	}
	if field, ok := strings.CutPrefix(path, "target."); ok {
		if (logObject{}).field(field) == nil {
			return nil
		}
		return func(e *logBody) []string {
			var values []string
			for _, t := range e.Target {
				values = append(values, *t.field(field))
			}
			return values
		}
	}
	single := map[string]func(*logBody) string{
		"uuid":           func(e *logBody) string { return e.UUID },
		"published":      func(e *logBody) string { return e.Published },
		"eventType":      func(e *logBody) string { return e.EventType },
		"severity":       func(e *logBody) string { return e.Severity },
		"displayMessage": func(e *logBody) string { return e.DisplayMessage },
		"outcome.result": func(e *logBody) string { return e.Outcome.Result },
		"outcome.reason": func(e *logBody) string { return e.Outcome.Reason },
		"actor.id":       func(e *logBody) string { return e.Actor.ID },
		"transaction.id": func(e *logBody) string { return e.Transaction.ID },
	}[path]
	if single == nil {
		return nil
	}
	return func(e *logBody) []string { return []string{single(e)} }
}

func (o logObject) field(name string) *string {
	switch name {
	case "id":
		return &o.ID
	case "type":
		return &o.Type
	case "alternateId":
		return &o.AlternateID
	case "displayName":
		return &o.DisplayName
	}
	return nil
}
