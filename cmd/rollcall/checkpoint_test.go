package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"rollcall/internal/checkpoint"
	"rollcall/internal/config"
)

// opened opens the checkpoint of the same work on a target, saves it, and returns whether it went on from another, and
// what was said.
func opened(t *testing.T, f checkpointFlags, on *target) (resumed bool, said string, err error) {
	t.Helper()
	cmd := &cobra.Command{}
	var out bytes.Buffer
	cmd.SetErr(&out)
	file, err := f.open(cmd, "sync --segments 4", on)
	if err != nil {
		return false, "", err
	}
	resumed = file.At("0") != ""
	file.Set("0", "here")
	if err := file.Save(); err != nil {
		t.Fatal(err)
	}
	return resumed, out.String(), nil
}

func onAWS(change func(*target)) *target {
	t := &target{Config: config.Default(), Where: "queue https://sqs.eu-central-1.amazonaws.com/1/rollcall-intents in eu-central-1"}
	if change != nil {
		change(t)
	}
	return t
}

// Each deployment, table, mapping and key has a checkpoint of its own: what was sent to another queue is not sent.
func TestCheckpointsAreOfOneTarget(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	targets := map[string]*target{
		"itself": onAWS(nil),
		"queue": onAWS(func(t *target) {
			t.Where = "queue https://sqs.eu-central-1.amazonaws.com/1/staging-intents in eu-central-1"
		}),
		"region":  onAWS(func(t *target) { t.Where = strings.Replace(t.Where, "in eu-central-1", "in us-east-1", 1) }),
		"table":   onAWS(func(t *target) { t.Config.Table = "people-2" }),
		"mapping": onAWS(func(t *target) { t.Config.Mapping.Match = "kind == 'person'" }),
		"key":     onAWS(func(t *target) { t.Config.Key.Partition = "number" }),
		"sort":    onAWS(func(t *target) { t.Config.Key.Sort = "area" }),
		"index":   onAWS(func(t *target) { t.Config.ExternalIDIndex = "by-id" }),
		"folder":  onAWS(func(t *target) { t.Where = "folder /tmp/house" }),
	}
	for name, on := range targets {
		if resumed, said, err := opened(t, checkpointFlags{}, on); err != nil || resumed || said != "" {
			t.Errorf("%s: went on from another's checkpoint: %q, %v", name, said, err)
		}
	}
	for name, on := range targets {
		resumed, said, err := opened(t, checkpointFlags{}, on)
		if err != nil || !resumed || !strings.HasPrefix(said, "going on from where it stopped at ") || !strings.Contains(said, "--restart begins anew") {
			t.Errorf("%s: did not go on: %q, %v", name, said, err)
		}
	}
	if resumed, said, err := opened(t, checkpointFlags{restart: true}, targets["itself"]); err != nil || resumed || said != "" {
		t.Errorf("--restart went on: %q, %v", said, err)
	}
	named := checkpointFlags{path: filepath.Join(t.TempDir(), "c.json")}
	if _, _, err := opened(t, named, targets["itself"]); err != nil {
		t.Error(err)
	}
	if _, _, err := opened(t, named, targets["queue"]); !errors.Is(err, checkpoint.ErrOther) {
		t.Errorf("another's file by name: %v", err)
	}
}

func TestACheckpointTooOldIsSaidToBeDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	old := time.Now().Add(-checkpoint.MaxAge - time.Minute)
	text := fmt.Sprintf(`{"source":%q,"saved":%q,"positions":{"0":"here"}}`, "sync --segments 4 on "+onAWS(nil).identity(), old.Format(time.RFC3339))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	resumed, said, err := opened(t, checkpointFlags{path: path}, onAWS(nil))
	if err != nil || resumed || said != fmt.Sprintf("beginning anew: the run that stopped at %s, by %s, is more than 24 hours old\n", moment(old), path) {
		t.Errorf("%q, %v", said, err)
	}
}

func TestWhereToGoOnIsSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	file, err := checkpoint.Open(path, "s", false)
	if err != nil {
		t.Fatal(err)
	}
	cancelled := fmt.Errorf("sync: %w", context.Canceled)
	if got := stopped(cancelled, nil).Error(); got != "interrupted" {
		t.Error(got)
	}
	if got := stopped(cancelled, file).Error(); got != "interrupted: nothing was enqueued yet" {
		t.Error(got)
	}
	if err := file.Save(); err != nil {
		t.Fatal(err)
	}
	for _, failure := range []error{cancelled, errors.New("table is away")} {
		if got := stopped(failure, file).Error(); !strings.Contains(got, "goes on from there, by "+path+"; --restart") {
			t.Error(got)
		}
	}
}
