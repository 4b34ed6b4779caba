package main

import (
	"testing"

	"github.com/spf13/cobra"

	"rollcall/internal/config"
)

func TestReadRateIsTheFlagsElseTheConfigurationsElseTheDefault(t *testing.T) {
	for _, c := range []struct {
		args     []string
		readRate float64
		want     float64
	}{
		{nil, 0, defaultReadRate},
		{nil, 35, 35},
		{[]string{"--read-rate", "900"}, 35, 900},
		{[]string{"--read-rate", "0"}, 35, 0},
	} {
		var f rateFlag
		cmd := &cobra.Command{}
		f.register(cmd)
		if err := cmd.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		if got, err := f.of(cmd, config.Config{ReadRate: c.readRate}); err != nil || got != c.want {
			t.Errorf("%v with readRate %v: %v, %v, want %v", c.args, c.readRate, got, err, c.want)
		}
	}
	var f rateFlag
	cmd := &cobra.Command{}
	f.register(cmd)
	if err := cmd.ParseFlags([]string{"--read-rate", "-1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.of(cmd, config.Config{}); err == nil {
		t.Error("a negative rate: no error")
	}
	for _, name := range []string{"sync", "plan"} {
		if cmd, _, err := newRoot().Find([]string{name}); err != nil || cmd.Flags().Lookup("read-rate") == nil {
			t.Errorf("%s has no --read-rate", name)
		}
	}
}
