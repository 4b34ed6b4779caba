package mapping_test

import (
	"strings"
	"testing"
)

func BenchmarkLoad(b *testing.B) { benchmarkLoad(b, strings.ReplaceAll(jane, `\"`, "'")) }

// BenchmarkLoadEscapes is Load of an item with an escape in it.
func BenchmarkLoadEscapes(b *testing.B) { benchmarkLoad(b, jane) }

func benchmarkLoad(b *testing.B, text string) {
	v := compile(b, tutorial()).NewView()
	item := []byte(text)
	b.ReportAllocs()
	b.SetBytes(int64(len(item)))
	for b.Loop() {
		if err := v.Load(item); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendProfile(b *testing.B) {
	v := load(b, compile(b, tutorial()), jane)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = v.AppendProfile(dst[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPrograms is AppendProfile of expressions that all need a program.
func BenchmarkPrograms(b *testing.B) {
	spec := tutorial()
	for name, expression := range spec.Profile {
		spec.Profile[name] = "(" + expression + ") ?? nil"
	}
	v := compile(b, spec).NewView()
	item := []byte(jane)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		err := v.Load(item)
		if err == nil {
			dst, err = v.AppendProfile(dst[:0])
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
