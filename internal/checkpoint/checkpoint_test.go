package checkpoint

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func open(t *testing.T, path, source string) *File {
	t.Helper()
	f, err := Open(path, source, false)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestGoesOnWhereItWasSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "c.json")
	f := open(t, path, "sync people")
	if !f.Resumed.IsZero() || f.At("0") != "" {
		t.Errorf("a new checkpoint has %q, resumed %v", f.At("0"), f.Resumed)
	}
	f.Set("0", "here")
	if open(t, path, "sync people").At("0") != "" {
		t.Error("what was not saved is remembered")
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	f.Set("0", "further")
	again := open(t, path, "sync people")
	if again.At("0") != "here" || again.Resumed.IsZero() {
		t.Errorf("got %q, resumed %v", again.At("0"), again.Resumed)
	}
	if _, err := Open(path, "sync others", false); !errors.Is(err, ErrOther) {
		t.Errorf("another source's checkpoint: %v", err)
	}
	if err := errors.Join(again.Remove(), again.Remove()); err != nil {
		t.Error(err)
	}
	if open(t, path, "sync people").At("0") != "" {
		t.Error("a removed checkpoint is remembered")
	}
}

func TestAnOldCheckpointIsNotGoneOnFrom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	synctest.Test(t, func(t *testing.T) {
		f := open(t, path, "s")
		f.Set("0", "here")
		if err := f.Save(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(MaxAge)
		if open(t, path, "s").At("0") != "here" {
			t.Error("forgotten too early")
		}
		time.Sleep(time.Second)
		if f := open(t, path, "s"); f.At("0") != "" || !f.Resumed.IsZero() || f.Dropped.IsZero() || f.Kept() != "" {
			t.Error("gone on from a day later, or not told of")
		}
	})
}

func TestAFileCanBeBegunAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	f := open(t, path, "s")
	f.Set("0", "here")
	if err := errors.Join(f.SetDone(7), f.Save()); err != nil || f.Kept() != path {
		t.Fatalf("kept at %q, %v", f.Kept(), err)
	}
	anew, err := Open(path, "s", true)
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	if err := anew.Done(&done); err != nil || done != 0 || anew.At("0") != "" || anew.Interruptions() != 0 || !anew.Dropped.IsZero() || anew.Kept() != "" {
		t.Errorf("it goes on: %d, %q, %v", done, anew.At("0"), err)
	}
	if _, err := Open(path, "another", true); !errors.Is(err, ErrOther) {
		t.Errorf("another's file is begun anew: %v", err)
	}
	for want := 1; want <= 2; want++ {
		again := open(t, path, "s")
		if again.Interruptions() != want || again.Kept() != path {
			t.Errorf("%d interruptions, kept at %q", again.Interruptions(), again.Kept())
		}
		if err := again.Save(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABrokenFileIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	if err := os.WriteFile(path, []byte(`{"source":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, "s", false); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func TestPathIsNamedAfterTheSource(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", "/state")
	a, err := Path("replay bucket s3://x/y")
	if err != nil || !strings.HasPrefix(a, "/state/rollcall/replay-bucket-s3---x-y-") {
		t.Errorf("got %s, %v", a, err)
	}
	b, err := Path("replay bucket s3://x-y")
	if err != nil || a == b {
		t.Errorf("two sources share %s, %v", b, err)
	}
	long, err := Path(strings.Repeat("é", 300))
	if err != nil || len(filepath.Base(long)) > 100 {
		t.Errorf("got %s, %v", long, err)
	}
}

func TestNoFileRemembersNothing(t *testing.T) {
	var f *File
	f.Set("0", "here")
	if err := errors.Join(f.Save(), f.Remove()); err != nil || f.At("0") != "" {
		t.Errorf("got %q, %v", f.At("0"), err)
	}
}
