package config

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Setting describes one setting.
type Setting struct {
	// Path is where it is in rollcall.yaml, okta.orgUrl, or empty for a secret, which is never in a file.
	Path string
	// Variable is its environment variable.
	Variable string
	// Unit is what its value counts or is.
	Unit string

	index []int // of the field, as reflect's FieldByIndex takes it
}

// Settings returns all settings in the order of Config's fields.
func Settings() []Setting { return slices.Clone(allSettings()) }

var allSettings = sync.OnceValue(func() []Setting { return settings(reflect.TypeFor[Config](), "", nil) })

// UnknownVariables returns the names in an environment (as os.Environ returns it) that look like a setting's and are not.
func UnknownVariables(environ []string) []string {
	known := map[string]bool{}
	for _, s := range Settings() {
		known[s.Variable] = true
	}
	var unknown []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "ROLLCALL_") && !known[name] {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// CheckVariables returns a problem for each of UnknownVariables, joined: a setting that nobody heeds.
func CheckVariables(environ []string) error {
	var problems []*Problem
	for _, name := range UnknownVariables(environ) {
		problems = append(problems, &Problem{Variable: name, Reason: "no such setting"})
	}
	return join(problems)
}

func settings(section reflect.Type, prefix string, index []int) (all []Setting) {
	for field := range section.Fields() {
		at := append(append([]int{}, index...), field.Index...)
		name := field.Tag.Get("yaml")
		switch {
		case name == "-":
			all = append(all, Setting{Variable: field.Tag.Get("env"), Unit: "secret", index: at})
		case field.Type.Kind() == reflect.Struct:
			all = append(all, settings(field.Type, prefix+name+".", at)...)
		default:
			all = append(all, Setting{Path: prefix + name, Variable: variable(prefix + name), Unit: unit(field), index: at})
		}
	}
	return all
}

// variable returns the environment variable of a path, which is ASCII: okta.orgUrl is ROLLCALL_OKTA_ORG_URL.
func variable(path string) string {
	name := append(make([]byte, 0, 2*len(path)), "ROLLCALL_"...)
	for _, c := range []byte(path) {
		switch {
		case c == '.':
			c = '_'
		case 'A' <= c && c <= 'Z':
			name = append(name, '_')
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		}
		name = append(name, c)
	}
	return string(name)
}

func unit(field reflect.StructField) string {
	if field.Type == reflect.TypeFor[time.Duration]() {
		return "duration"
	}
	if field.Type.Kind() == reflect.Bool {
		return "true or false"
	}
	return field.Tag.Get("unit")
}
