// Package progress shows how far a long command is: a bar on a terminal, a line now and then otherwise.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

const (
	barWidth = 30
	// redraw is the least time between two drawings of a bar; a faster one only flickers.
	redraw = 100 * time.Millisecond
	// lineEvery is the least time between two plain lines: a log wants few.
	lineEvery = 5 * time.Second
)

// Bar counts towards a total. Its methods may be called from several goroutines.
type Bar struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	what     string
	total    int
	done     int
	note     string    // follows the count
	shown    time.Time // when the count was last shown
}

// Start returns a bar that counts what ("people sent") up to total, or without an end where total is 0. It draws where
// out is a terminal, and writes plain lines otherwise.
func Start(out io.Writer, what string, total int) *Bar {
	file, ok := out.(*os.File)
	return start(out, ok && term.IsTerminal(int(file.Fd())), what, total)
}

func start(out io.Writer, terminal bool, what string, total int) *Bar {
	b := &Bar{out: out, terminal: terminal, what: what, total: total, shown: time.Now()}
	if terminal {
		b.draw()
	}
	return b
}

// Add counts n more.
func (b *Bar) Add(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done += n
	b.show()
}

// Set counts from the beginning, towards another total.
func (b *Bar) Set(done, total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done, b.total = done, total
	b.show()
}

// Note puts a text after the count.
func (b *Bar) Note(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.note = text
	b.show()
}

// show shows the count, unless it just did.
func (b *Bar) show() {
	wait := lineEvery
	if b.terminal {
		wait = redraw
	}
	if time.Since(b.shown) < wait {
		return
	}
	b.shown = time.Now()
	if b.terminal {
		b.draw()
	} else {
		fmt.Fprintln(b.out, b.count())
	}
}

// Printf writes a line of its own above the bar.
func (b *Bar) Printf(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.terminal {
		fmt.Fprint(b.out, "\r\033[K")
	}
	fmt.Fprintf(b.out, format+"\n", args...)
	if b.terminal {
		b.draw()
	}
}

// Stop shows the last count and ends the bar's line.
func (b *Bar) Stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.terminal {
		b.draw()
		fmt.Fprintln(b.out)
	} else {
		fmt.Fprintln(b.out, b.count())
	}
}

func (b *Bar) draw() {
	if b.total <= 0 {
		fmt.Fprintf(b.out, "\r\033[K%s", b.count())
		return
	}
	full := barWidth * min(b.done, b.total) / b.total
	fmt.Fprintf(b.out, "\r\033[K[%s%s] %s", strings.Repeat("#", full), strings.Repeat("-", barWidth-full), b.count())
}

func (b *Bar) count() string {
	text := fmt.Sprintf("%d %s", b.done, b.what)
	if b.total > 0 {
		text = fmt.Sprintf("%d of %d %s", b.done, b.total, b.what)
	}
	if b.note != "" {
		text += ", " + b.note
	}
	return text
}
