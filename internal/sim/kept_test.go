package sim

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"
)

var (
	keep = flag.String("keep", "", "with -seed: keep what is left of the failure under this name in testdata/plans")
	kept = flag.String("kept", "", "with -child: play this kept plan alone")
)

// keptPlan is a plan that once failed, or that a mutant fails, shrunk and kept whole: it plays the same whatever becomes
// of the generator.
type keptPlan struct {
	// What is what it once found.
	What string
	// Mutant is the mistake that it finds; empty if there is none of it.
	Mutant string `json:",omitempty"`
	// Invariant is what it broke.
	Invariant string
	Seed      uint64
	// Flavor has the fields of a flavor that are not zero, by their names.
	Flavor json.RawMessage
	Ops    []keptOp
	// Faults are the only ones that are made.
	Faults []string
}

type keptOp struct {
	At   time.Duration
	Kind string
	Row  int
	N    int
}

func plansGlob() ([]string, error) { return filepath.Glob("testdata/plans/*.json") }

// keepPlan writes the plan of a play that failed.
func keepPlan(name, mutant string, o outcome) error {
	k := keptPlan{Mutant: mutant, Seed: o.plan.seed, Faults: slices.Sorted(slices.Values(o.made))}
	if len(o.failures) > 0 {
		k.Invariant, k.What = o.failures[0].invariant, o.failures[0].what
	}
	f := o.plan.flavor
	var err error
	if k.Flavor, err = encodeField(reflect.ValueOf(&f).Elem()); err != nil {
		return err
	}
	for _, o := range o.plan.ops {
		k.Ops = append(k.Ops, keptOp{o.at, o.kind.String(), o.row, o.n})
	}
	text, err := json.MarshalIndent(k, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("testdata", "plans", name+".json"), append(text, '\n'), 0o644)
}

// readKept reads a kept plan. One that names what the simulation does not know any more is an error: it would play
// something else.
func readKept(path string) (k keptPlan, p plan, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return k, p, err
	}
	if err := json.Unmarshal(text, &k); err != nil {
		return k, p, fmt.Errorf("%s: %w", path, err)
	}
	p = plan{seed: k.Seed, made: map[string]bool{}}
	if err := decodeField(k.Flavor, reflect.ValueOf(&p.flavor).Elem()); err != nil {
		return k, p, fmt.Errorf("%s: %w", path, err)
	}
	for _, o := range k.Ops {
		kind := slices.Index(opNames[:], o.Kind)
		if kind < 0 {
			return k, p, fmt.Errorf("%s: there is no op %s", path, o.Kind)
		}
		p.ops = append(p.ops, op{o.At, opKind(kind), o.Row, o.N})
	}
	for _, name := range k.Faults {
		p.made[name] = true
	}
	return k, p, nil
}

// eachField is told of each field of a struct, also of those that other packages do not see.
func eachField(v reflect.Value, do func(name string, field reflect.Value) error) error {
	for i := range v.NumField() {
		field := reflect.NewAt(v.Field(i).Type(), unsafe.Pointer(v.Field(i).UnsafeAddr())).Elem()
		if err := do(v.Type().Field(i).Name, field); err != nil {
			return fmt.Errorf("%s: %w", v.Type().Field(i).Name, err)
		}
	}
	return nil
}

// encodeField and decodeField do so with structs field by field, and leave functions out.
func encodeField(field reflect.Value) (json.RawMessage, error) {
	if field.Kind() != reflect.Struct {
		return json.Marshal(field.Interface())
	}
	fields := map[string]json.RawMessage{}
	err := eachField(field, func(name string, inner reflect.Value) error {
		if inner.IsZero() || inner.Kind() == reflect.Func {
			return nil
		}
		value, err := encodeField(inner)
		fields[name] = value
		return err
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(fields)
}

func decodeField(text json.RawMessage, field reflect.Value) error {
	if field.Kind() != reflect.Struct {
		return json.Unmarshal(text, field.Addr().Interface())
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	err := eachField(field, func(name string, inner reflect.Value) error {
		value, there := fields[name]
		delete(fields, name)
		if !there {
			return nil
		}
		return decodeField(value, inner)
	})
	for name := range fields {
		err = errors.Join(err, fmt.Errorf("there is no field %s", name))
	}
	return err
}

// TestKeptPlans plays every kept plan: none may fail any more.
func TestKeptPlans(t *testing.T) {
	paths, err := plansGlob()
	if err != nil || len(paths) == 0 {
		t.Fatal("no plans are kept", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		t.Run(name, func(t *testing.T) {
			k, p, err := readKept(path)
			if err != nil {
				t.Fatal(err)
			}
			if o := run(t, p, true); o.failed() {
				show(t, o)
				t.Errorf("it fails again: %s", k.What)
			}
		})
	}
}

// TestKeepPlan keeps a plan that fails and reads it again: it must play as before.
func TestKeepPlan(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("testdata/plans", 0o700); err != nil {
		t.Fatal(err)
	}
	p := makePlan(4, "ward")
	o := run(t, p, false)
	if err := keepPlan("one", "", o); err != nil {
		t.Fatal(err)
	}
	_, again, err := readKept("testdata/plans/one.json")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(p.flavor, again.flavor) {
		t.Errorf("the flavor was %+v, is %+v", p.flavor, again.flavor)
	}
	if r := run(t, again, false); r.hash != o.hash || r.steps != o.steps || len(o.made) == 0 {
		t.Errorf("%d steps with hash %x became %d with %x; %d faults", o.steps, o.hash, r.steps, r.hash, len(o.made))
	}
}
