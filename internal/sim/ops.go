package sim

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// opKind is something that somebody does in the course of a play.
type opKind uint8

const (
	// Changes of the table. Put creates a person, or puts another in a row's place; touch changes a column that is
	// nothing to Okta; move takes a person to another row; strip removes an attribute that some orgs want; vanish and
	// reappear leave no record in the stream, as a restored table does.
	opPut opKind = iota
	opChange
	opTouch
	opLeave
	opReturn
	opDelete
	opMove
	opSpoil
	opMend
	opStrip
	opRobot
	opVanish
	opReappear
	// What comes through the stream or beside it.
	opMalformed
	opJunk
	opReplay
	opSync
	opSplit
	opSay // somebody is said once more, as by a scan that read them before
	// Somebody else closes the next session that is loaded, or has one imported that nobody of us knows of, or opens one and
	// leaves it.
	opClose
	opStranger
	opSquat
	// What an operator does.
	opPause
	opObserve
	opResume
	opRelease
	opDiscard
	opRetry
	opDiscardRejects
	opDeactivate
	opScan
	opMissing
	// Outages.
	opTableDown
	opTableUp
	opTokenDown
	opTokenUp
	opKinds
)

var opNames = [opKinds]string{
	"put", "change", "touch", "leave", "return", "delete", "move", "spoil", "mend", "strip", "robot", "vanish", "reappear",
	"malformed record", "junk message", "replay", "sync", "split", "say", "close session", "stranger's session", "stranger's open session", "pause", "observe", "resume", "release", "discard held", "retry rejects",
	"discard rejects", "deactivate", "scan", "deactivate missing", "table down", "table up", "token down", "token up",
}

func (k opKind) String() string { return opNames[k] }

// op is done at a time after the beginning. Row and n mean what the kind makes of them.
type op struct {
	at   time.Duration
	kind opKind
	row  int
	n    int
}

// everyday are the changes of a table, the frequent ones more than once.
var everyday = []opKind{
	opPut, opPut, opPut, opChange, opChange, opChange, opTouch, opLeave, opLeave, opReturn, opReturn, opDelete, opDelete,
	opMove, opMove, opSpoil, opMend, opMend, opStrip, opRobot, opMalformed, opJunk, opReplay, opReplay,
}

// newOps makes what is done in a play: bursts of everyday changes, a few things that are rarer, and what undoes them.
func newOps(r *rand.Rand, f flavor) []op {
	var ops []op
	add := func(at time.Duration, kind opKind, row int) {
		ops = append(ops, op{at: at + time.Duration(r.IntN(1e9)), kind: kind, row: row, n: r.IntN(1 << 20)})
	}
	if f.empty {
		add(0, opSync, 0)
	}
	for range 2 + r.IntN(8) {
		at := time.Duration(r.Int64N(int64(f.span)))
		for range 1 + r.IntN(8) {
			add(at, everyday[r.IntN(len(everyday))], r.IntN(f.rows))
			at += pick(r, 0, 100*time.Millisecond, 3*time.Second, 50*time.Second)
		}
	}
	pair := func(from, to opKind, most time.Duration) {
		at, row := time.Duration(r.Int64N(int64(f.span))), r.IntN(f.rows)
		add(at, from, row)
		add(at+time.Duration(r.Int64N(int64(most))), to, row)
	}
	for _, rare := range []func(){
		func() { // many leave at once, and some of them by mistake
			at := time.Duration(r.Int64N(int64(f.span)))
			for row := range f.rows {
				add(at, pick(r, opLeave, opDelete), row)
				if r.IntN(2) == 0 {
					add(at+pick(r, 5*time.Second, 10*time.Minute), pick(r, opReturn, opPut), row)
				}
			}
		},
		func() { // the table is restored from a copy, and somebody plays old records to it
			at := time.Duration(r.Int64N(int64(f.span)))
			for row := range f.rows {
				add(at, opVanish, row)
				add(at+3*time.Minute, opReappear, row)
			}
			add(at+10*time.Second, opReplay, 0)
			add(at+20*time.Second, opSync, 1)
			add(at+3*time.Minute+2*time.Second, opSync, 0)
		},
		func() { pair(opPause, opResume, 10*time.Minute) },
		func() { pair(opObserve, opResume, 10*time.Minute) },
		func() { pair(opTableDown, opTableUp, 5*time.Minute) },
		func() { pair(opTokenDown, opTokenUp, 5*time.Minute) },
		func() { pair(opRelease, opDiscard, 10*time.Minute) },
		func() { pair(opRelease, opRetry, 10*time.Minute) },
		func() { pair(opDiscardRejects, opRetry, 10*time.Minute) },
		func() { pair(opDeactivate, opDeactivate, 10*time.Minute) },
		func() { pair(opSplit, opSync, 10*time.Minute) },
		func() {
			for range 4 {
				pair(opClose, opClose, 10*time.Minute)
			}
		},
		func() {
			for range 3 {
				pair(opStranger, opStranger, 10*time.Minute)
			}
		},
	} {
		if r.IntN(4) == 0 {
			rare()
		}
	}
	if f.trickle {
		for at := time.Duration(0); at < f.span+20*time.Minute; at += time.Duration(20+r.IntN(60)) * time.Second {
			add(at, pick(r, opChange, opChange, opLeave, opReturn), r.IntN(f.rows))
		}
	}
	slices.SortStableFunc(ops, func(a, b op) int { return cmp.Compare(a.at, b.at) })
	return ops
}
