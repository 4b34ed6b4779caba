package sim

import (
	"testing"
	"testing/synctest"
)

// TestEveryChangeTells checks that each sort of everyday change leaves a record in the stream, of some row at least.
func TestEveryChangeTells(t *testing.T) {
	for _, kind := range []opKind{opPut, opChange, opTouch, opLeave, opReturn, opDelete, opMove, opSpoil, opMend, opStrip, opRobot} {
		synctest.Test(t, func(t *testing.T) {
			p := newPlan(1)
			p.flavor.calm, p.flavor.indexed, p.flavor.match = true, true, true
			h := newHouse(p, false)
			h.settle()
			before := map[opKind]opKind{opReturn: opLeave, opMend: opSpoil}[kind]
			for row := range p.flavor.rows {
				h.do(op{kind: before, row: row})
			}
			h.table.changed = h.stream.add
			for row := range p.flavor.rows {
				h.do(op{kind: kind, row: row, n: row + 1})
			}
			if len(h.stream.records) == 0 {
				t.Errorf("%s leaves no record", kind)
			}
			h.end()
			h.gate.close()
			h.work.Wait()
		})
	}
}
