package sim

import (
	"strings"
	"testing"
	"time"
)

func TestTotalsTellWhatWasNotChecked(t *testing.T) {
	sum := newTotals()
	for _, name := range invariants[1:] {
		sum.Checks[name] = 2
	}
	if missed := sum.unchecked(); len(missed) != 1 || missed[0] != invariants[0] {
		t.Errorf("unchecked %q", missed)
	}
	if text := sum.perInvariant(); !strings.Contains(text, " 0  "+invariants[0]) || !strings.Contains(text, " 2  "+invariants[1]) {
		t.Errorf("counts:%s", text)
	}
}

// TestTotalsCountNobodysCallsAsFaults has strangers call, which is no fault of a part of the house.
func TestTotalsCountNobodysCallsAsFaults(t *testing.T) {
	o := outcome{}
	o.injected[faultStranger], o.injected[faultPause] = 3, 2
	sum := newTotals()
	sum.add(o)
	if line := sum.line(time.Second); !strings.Contains(line, "2 faults (pause 2), besides stranger's call 3") {
		t.Errorf("%s", line)
	}
}
