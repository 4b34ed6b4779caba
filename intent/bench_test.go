package intent_test

import (
	"testing"

	"rollcall/intent"
)

func BenchmarkPack(b *testing.B) {
	m := intent.Message{Trace: "0b6ff3a4-9c5e-4f0e-9a55-1f5d5a0c9a01", Intents: people(intent.MaxIntents)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := intent.Pack(m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	body, err := intent.Append(nil, intent.Message{Trace: "t", Intents: people(intent.MaxIntents)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := intent.Decode(string(body)); err != nil {
			b.Fatal(err)
		}
	}
}
