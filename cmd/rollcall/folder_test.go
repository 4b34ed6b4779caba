package main

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestASecondHouseOnTheFolderIsRefused starts rollcall local twice on one folder. The first must go on undisturbed, and
// what it is told afterwards must outlive its death.
func TestASecondHouseOnTheFolderIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "house")
	first := startHouse(t, dir)
	first.put("before", "Engineer", true)
	first.untilEqual(map[string]string{"before": "Engineer"})
	for _, args := range [][]string{
		{"local", "--listen", "127.0.0.1:0", "--data", dir},
		{"local", "--listen", strings.TrimPrefix(first.url, "http://"), "--data", dir},
		{"oktasim", "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "okta")},
	} {
		if code, said := refused(t, args...); code != exitFailed || !strings.Contains(said, "is in use by another rollcall") {
			t.Errorf("rollcall %v: exit code %d, %q", args, code, said)
		}
	}
	first.put("after", "Engineer", true)
	want := map[string]string{"before": "Engineer", "after": "Engineer"}
	first.untilEqual(want)
	first.kill()
	startHouse(t, dir).untilEqual(want)
}

// TestAnOrgThatCannotListenLeavesTheFolder starts rollcall oktasim on a port that is taken, and then twice on one folder.
func TestAnOrgThatCannotListenLeavesTheFolder(t *testing.T) {
	dir := t.TempDir()
	_, line := start(t, "oktasim", "--listen", "127.0.0.1:0", "--data", dir)
	var ready struct{ URL string }
	if err := json.Unmarshal(line, &ready); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other")
	if code, said := refused(t, "oktasim", "--listen", strings.TrimPrefix(ready.URL, "http://"), "--data", other); code != exitFailed || !strings.Contains(said, "listen") {
		t.Errorf("a port that is taken: exit code %d, %q", code, said)
	}
	if made, err := filepath.Glob(filepath.Join(other, "*")); err != nil || len(made) > 0 {
		t.Errorf("it left %v (%v)", made, err)
	}
	if code, said := refused(t, "oktasim", "--listen", "127.0.0.1:0", "--data", dir); code != exitFailed || !strings.Contains(said, "is in use by another rollcall") {
		t.Errorf("a folder in use: exit code %d, %q", code, said)
	}
	resp, err := http.Get(ready.URL + "/sim/users")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || strings.TrimSpace(string(text)) != "[]" {
		t.Errorf("the first answers %s (%v)", text, err)
	}
}

// untilEqual waits until Okta is what the table should make of it.
func (h *killedHouse) untilEqual(want map[string]string) {
	h.Helper()
	wrong := h.differences(want)
	for deadline := time.Now().Add(60 * time.Second); len(wrong) > 0 && time.Now().Before(deadline); wrong = h.differences(want) {
		time.Sleep(50 * time.Millisecond)
	}
	for _, w := range wrong {
		h.Error(w)
	}
}
