package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"

	"rollcall/mapping"
)

// expressionPrefix marks the entries of guard.protect that are expressions.
const expressionPrefix = "expr:"

// CompileMapping compiles the mapping and the expressions of guard.protect. It does not fail for a Config that Validate
// finds nothing wrong with.
func (c Config) CompileMapping() (*mapping.Mapping, error) {
	spec, _ := c.mappingSpec()
	m, err := compile(spec)
	if err != nil {
		return nil, fmt.Errorf("compile mapping: %w", err)
	}
	return m, nil
}

// latest is the spec compiled last: a program that checks a configuration and then uses it compiles it once.
var latest struct {
	sync.Mutex
	spec    mapping.Spec
	mapping *mapping.Mapping
}

func compile(spec mapping.Spec) (*mapping.Mapping, error) {
	latest.Lock()
	defer latest.Unlock()
	if latest.mapping != nil && reflect.DeepEqual(latest.spec, spec) {
		return latest.mapping, nil
	}
	m, err := mapping.Compile(spec)
	if err == nil {
		latest.spec, latest.mapping = spec, m
		latest.spec.Profile = maps.Clone(spec.Profile) // the caller may change its own
	}
	return m, err
}

// ProtectedIDs returns the entries of guard.protect that are externalIds; the compiled mapping knows the expressions.
func (c Config) ProtectedIDs() map[string]bool {
	ids := map[string]bool{}
	for _, entry := range c.Guard.Protect {
		if !strings.HasPrefix(entry, expressionPrefix) {
			ids[entry] = true
		}
	}
	return ids
}

// mappingSpec returns what package mapping compiles, and which setting each of its fields comes from where the two have
// different names.
func (c Config) mappingSpec() (spec mapping.Spec, setting map[string]string) {
	spec = mapping.Spec{
		ExternalID: c.Mapping.ExternalID, Active: c.Mapping.Active, Match: c.Mapping.Match,
		Profile: c.Mapping.Profile, Absent: c.Absent,
	}
	setting = map[string]string{"absent": "absent"}
	for i, entry := range c.Guard.Protect {
		if condition, ok := strings.CutPrefix(entry, expressionPrefix); ok {
			setting[fmt.Sprintf("protect[%d]", len(spec.Protect))] = fmt.Sprintf("guard.protect[%d]", i)
			spec.Protect = append(spec.Protect, condition)
		}
	}
	return spec, setting
}

func (c Config) checkMapping(r *rules) {
	spec, setting := c.mappingSpec()
	_, err := compile(spec)
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		r.must(err == nil, "mapping", fmt.Sprint(err))
		return
	}
	for _, e := range joined.Unwrap() {
		problem, ok := errors.AsType[*mapping.Problem](e)
		if !ok {
			r.must(false, "mapping", e.Error())
			continue
		}
		path, ok := setting[problem.Field]
		if !ok {
			path = "mapping." + problem.Field
		}
		r.must(path == "absent", path, reasonOf(problem)) // checkBounds has said it of absent
	}
}

// reasonOf returns the reason on one line, with the place within the expression.
func reasonOf(p *mapping.Problem) string {
	reason := strings.Join(strings.Fields(p.Reason), " ")
	switch {
	case p.Line == 0:
		return reason
	case p.Line == 1:
		return fmt.Sprintf("column %d of the expression: %s", p.Column, reason)
	}
	return fmt.Sprintf("line %d, column %d of the expression: %s", p.Line, p.Column, reason)
}
