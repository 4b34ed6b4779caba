package progress

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPlainLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		bar := Start(&out, "people sent", 100)
		for range 100 {
			time.Sleep(110 * time.Millisecond)
			bar.Add(1)
		}
		bar.Printf("line %d is bad", 7)
		bar.Stop()
		want := "46 of 100 people sent\n92 of 100 people sent\nline 7 is bad\n100 of 100 people sent\n"
		if out.String() != want {
			t.Errorf("got:\n%swant:\n%s", out.String(), want)
		}
	})
}

func TestBar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		bar := start(&out, true, "loads", 4)
		bar.Add(1) // too soon to be drawn
		time.Sleep(redraw)
		bar.Add(1)
		bar.Printf("load 2 was refused")
		bar.Add(9)
		bar.Stop()
		frames := strings.Split(out.String(), "\r\033[K")
		want := []string{
			"",
			"[" + strings.Repeat("-", 30) + "] 0 of 4 loads",
			"[" + strings.Repeat("#", 15) + strings.Repeat("-", 15) + "] 2 of 4 loads",
			"load 2 was refused\n",
			"[" + strings.Repeat("#", 15) + strings.Repeat("-", 15) + "] 2 of 4 loads",
			"[" + strings.Repeat("#", 30) + "] 11 of 4 loads\n",
		}
		if strings.Join(frames, "|") != strings.Join(want, "|") {
			t.Errorf("got %q\nwant %q", frames, want)
		}
	})
}

func TestWithoutTotal(t *testing.T) {
	var out bytes.Buffer
	bar := start(&out, true, "records", 0)
	bar.Add(3)
	bar.Stop()
	if !strings.HasSuffix(out.String(), "\r\033[K3 records\n") {
		t.Errorf("got %q", out.String())
	}
}

func TestBarOfATotalThatIsLearntLater(t *testing.T) {
	var out bytes.Buffer
	b := start(&out, true, "files", 0)
	b.Set(3, 6)
	b.Note("12 records")
	b.Stop()
	if got := out.String(); !strings.HasSuffix(got, "[###############---------------] 3 of 6 files, 12 records\n") {
		t.Errorf("got %q", got)
	}
}
