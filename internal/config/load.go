package config

import (
	"fmt"
	"os"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Load reads a configuration from the text of a rollcall.yaml, or from none, and from the environment (os.LookupEnv),
// which wins. What neither gives is as in Default; a profile or a list is replaced as a whole. Required are the paths of
// settings, "queue.intents", that the caller cannot do without; "okta.secretArn" stands for any way to authenticate, and
// "queue.urgent" is required only where the urgent lane is on.
//
// The error joins everything that is wrong, each a *Problem; the Config then holds what could be read.
func Load(file []byte, env func(string) (string, bool), required ...string) (Config, error) {
	return load("", file, env, required)
}

// LoadFile is Load of a file and the process's environment. An empty path is no file.
func LoadFile(path string, required ...string) (Config, error) {
	if path == "" {
		return load("", nil, os.LookupEnv, required)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return Default(), fmt.Errorf("read configuration: %w", err)
	}
	return load(path, file, os.LookupEnv, required)
}

func load(name string, file []byte, env func(string) (string, bool), required []string) (Config, error) {
	l := loader{name: name, config: Default(), origins: map[string]origin{}, broken: map[string]bool{}}
	l.read(file)
	l.environment(env)
	for _, p := range append(l.config.missing(required), l.config.check()...) {
		l.place(p)
	}
	return l.config, join(l.problems)
}

// loader reads one configuration and notes where each setting came from.
type loader struct {
	name     string
	config   Config
	origins  map[string]origin
	broken   map[string]bool // settings that could not be read, of which nothing more is said
	problems []*Problem
}

// origin is where a setting was given: in the file, or by a variable.
type origin struct {
	line, column int
	variable     string
}

func (l *loader) report(setting, reason string, at origin) {
	l.broken[setting] = true
	l.problems = append(l.problems, &Problem{
		Setting: setting, Reason: reason, File: l.name, Line: at.line, Column: at.column, Variable: at.variable,
	})
}

// place reports a problem that check found, with the place that its setting, or what the setting is part of, came from.
func (l *loader) place(p *Problem) {
	for path := p.Setting; path != ""; path = parent(path) {
		if l.broken[path] {
			return
		}
		if at, ok := l.origins[path]; ok {
			l.report(p.Setting, p.Reason, at)
			return
		}
	}
	for _, s := range Settings() {
		if s.Path == p.Setting {
			p.Variable = s.Variable
		}
	}
	l.problems = append(l.problems, p)
}

// parent returns the path that this one is part of: mapping for mapping.profile, guard.protect for guard.protect[0].
func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

// environment takes the settings that are in the environment. A profile and a list are given in YAML's flow form.
func (l *loader) environment(env func(string) (string, bool)) {
	for _, s := range Settings() {
		text, ok := env(s.Variable)
		if !ok {
			continue
		}
		at := origin{variable: s.Variable}
		field := reflect.ValueOf(&l.config).Elem().FieldByIndex(s.index)
		if s.Path != "" {
			l.forget(s.Path)
			l.origins[s.Path] = at
		}
		switch field.Kind() {
		case reflect.Map, reflect.Slice:
			var document yaml.Node
			if err := yaml.Unmarshal([]byte(text), &document); err != nil || len(document.Content) != 1 {
				l.report(s.Path, "must be written as in the file, on one line: {a: b} or [a, b]", at)
				continue
			}
			l.value(resolve(document.Content[0]), field, s.Path, func(*yaml.Node) origin { return at })
		default:
			if reason := parse(field, text); reason != "" {
				l.report(s.Path, reason, at)
			}
		}
	}
}

// forget drops what is known of a setting in the file, since the environment gives another value.
func (l *loader) forget(setting string) {
	for path := range l.origins {
		if within(path, setting) {
			delete(l.origins, path)
		}
	}
	for path := range l.broken {
		if within(path, setting) {
			delete(l.broken, path)
		}
	}
}

func within(path, setting string) bool {
	rest, ok := strings.CutPrefix(path, setting)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
