package config

import (
	"math"
	"reflect"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// parse sets a setting that is a single value from its text. The reason says what the text should have been.
func parse(into reflect.Value, text string) (reason string) {
	if into.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		if err != nil {
			return "must be " + expected(into)
		}
		into.SetInt(int64(d))
		return ""
	}
	switch into.Kind() {
	case reflect.String:
		into.SetString(text)
		return ""
	case reflect.Bool:
		if text == "true" || text == "false" {
			into.SetBool(text == "true")
			return ""
		}
	case reflect.Int:
		if n, err := strconv.Atoi(text); err == nil {
			into.SetInt(int64(n))
			return ""
		}
	case reflect.Float64:
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			into.SetFloat(f)
			return ""
		}
	}
	return "must be " + expected(into)
}

// expected says what a setting's value looks like.
func expected(setting reflect.Value) string {
	if setting.Type() == reflect.TypeFor[time.Duration]() {
		return "a duration with its unit, such as 500ms, 5s or 1m"
	}
	switch setting.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	}
	return "a text"
}

// fits reports whether YAML takes a value for what the setting is: "20" in quotes is a text and no number. Any single
// value will do for a text, so that match: true needs no quotes.
func fits(setting reflect.Value, n *yaml.Node) bool {
	if setting.Type() == reflect.TypeFor[time.Duration]() {
		return n.ShortTag() == "!!str"
	}
	switch setting.Kind() {
	case reflect.Bool:
		return n.ShortTag() == "!!bool"
	case reflect.Int:
		return n.ShortTag() == "!!int"
	case reflect.Float64:
		return n.ShortTag() == "!!int" || n.ShortTag() == "!!float"
	}
	return true
}
