package sim

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"
)

// fault is what the gate does to an effect.
type fault uint8

const (
	faultNone fault = iota
	// faultDead turns the effect away: its process is dead, or the play is over.
	faultDead
	// faultBefore fails it without an effect, faultAfter with it, faultPart with a part of it.
	faultBefore
	faultAfter
	faultPart
	// faultDelay lets it wait, faultPause its whole process.
	faultDelay
	faultPause
	faultKillBefore
	faultKillAfter
	// The others are of calls to Okta: the answers, and where the connection breaks. Late means that the call has its
	// effect after the caller has given up.
	faultThrottled
	faultUnavailable
	faultPage
	faultDropBefore
	faultDropAfter
	faultDropMiddle
	faultDropLate
	// Those that are counted where they happen: of the org, of strangers, outages.
	faultImport
	faultExpired
	faultStranger
	faultTable
	faultToken
	faultNight
	faultDeadline
	// Those of the queue and the stream.
	faultDuplicate
	faultResurrect
	faultRedeliver
	faults
)

var faultNames = [faults]string{
	"none", "dead", "fail before", "fail after", "fail in part", "delay", "pause", "kill before", "kill after",
	"429", "5xx", "web page", "drop before", "drop after", "drop in answer", "drop and effect late",
	"import in ERROR", "session expired", "stranger's call", "table outage", "token refused", "day without scheduler", "killed at the deadline",
	"message twice", "deleted message again", "batch twice",
}

func (f fault) String() string { return faultNames[f] }

// verdict is what the gate decided about an effect. Wait is before the effect for a delay or a pause, after it otherwise.
type verdict struct {
	fault fault
	wait  time.Duration
}

// faulter decides about faults. A decision depends on the seed, the label of the effect and how often the label has come,
// and on nothing else: dropping one fault, as shrinking does, leaves the others.
type faulter struct {
	seed  uint64
	rates rates
	on    bool
	// unpaced is set where the org has no rate limit.
	unpaced bool
	count   map[string]int
	only    map[string]bool
	banned  map[string]bool
	// injected counts the faults by kind, and made names each, as banned takes them.
	injected [faults]int
	made     []string
}

// rates are shares of the effects that are hit.
type rates struct {
	// fail is of effects on table, store and queue, operator of those of an operator, okta of calls, kill and pause of any
	// effect of a flusher.
	fail, operator, okta, kill, pause float64
	// twice is of received messages and delivered batches.
	twice float64
	// late is of calls that take somebody out, which then land after a while.
	late float64
}

// dice are the numbers of one decision.
func (f *faulter) dice(label string) (*rand.Rand, string) {
	n := f.count[label]
	f.count[label]++
	key := fmt.Sprintf("%s #%d", label, n)
	hash := fnv.New64a()
	hash.Write([]byte(key))
	return rand.New(rand.NewPCG(f.seed, hash.Sum64())), key
}

// decide says what is done to an effect.
func (f *faulter) decide(r *request) verdict {
	dice, key := f.dice(r.label)
	v := verdict{wait: latency(r.label, dice)}
	if !f.on {
		return v
	}
	kind, wait := f.choose(r.label, dice)
	if kind == faultNone || f.spared(key) {
		return v
	}
	f.note(kind, key)
	if wait > 0 {
		v.wait = wait
	}
	v.fault = kind
	return v
}

// spared tells whether a fault is left out by the plan.
func (f *faulter) spared(key string) bool { return f.banned[key] || f.only != nil && !f.only[key] }

func (f *faulter) note(kind fault, key string) {
	f.injected[kind]++
	f.made = append(f.made, key)
}

// chance decides about a fault that is not of an effect as a whole.
func (f *faulter) chance(kind fault, label string, share float64) bool {
	dice, key := f.dice(label)
	if !f.on || dice.Float64() >= share || f.spared(key) {
		return false
	}
	f.note(kind, key)
	return true
}

// choose takes a fault for an effect by its label: "actor op detail".
func (f *faulter) choose(label string, dice *rand.Rand) (fault, time.Duration) {
	name, op, _ := strings.Cut(label, " ")
	x := dice.Float64()
	if isFlusher(name) {
		often := 1.0
		if strings.HasPrefix(op, "okta") {
			often = 5 // where the order of things matters most
		}
		if x -= f.rates.kill * often; x < 0 {
			return pick(dice, faultKillBefore, faultKillAfter), 0
		}
		if x -= f.rates.pause * often; x < 0 {
			return faultPause, time.Duration(5+dice.IntN(300)) * time.Second
		}
	}
	switch {
	case strings.HasPrefix(op, "okta.user-delete") && x < f.rates.late:
		return faultDropLate, time.Duration(1+dice.IntN(600)) * time.Second
	case strings.HasPrefix(op, "okta"):
		if x -= f.rates.okta; x < 0 {
			kind, wait := oktaFault(dice)
			if kind == faultThrottled && f.unpaced {
				kind = faultUnavailable // it would begin to pace
			}
			return kind, wait
		}
	case isFlusher(name), isLane(name):
		if x -= f.rates.fail; x < 0 {
			return edgeFault(dice)
		}
	case isOperator(name) && !strings.HasPrefix(op, "approve") && !strings.HasPrefix(op, "forgive"):
		if x -= f.rates.operator; x < 0 {
			return edgeFault(dice)
		}
	}
	return faultNone, 0
}

func edgeFault(dice *rand.Rand) (fault, time.Duration) {
	kind := pick(dice, faultBefore, faultBefore, faultAfter, faultPart, faultDelay)
	if kind == faultDelay {
		return kind, time.Duration(1+dice.IntN(40)) * time.Second
	}
	return kind, 0
}

func oktaFault(dice *rand.Rand) (fault, time.Duration) {
	kind := pick(dice, faultThrottled, faultUnavailable, faultUnavailable, faultPage, faultDropBefore, faultDropAfter,
		faultDropAfter, faultDropMiddle, faultDropLate, faultDelay)
	switch kind {
	case faultDelay: // an attempt is given up after 30 s
		return kind, time.Duration(5+dice.IntN(40)) * time.Second
	case faultDropLate:
		return kind, time.Duration(1+dice.IntN(90)) * time.Second
	}
	return kind, 0
}

func pick[T any](dice *rand.Rand, of ...T) T { return of[dice.IntN(len(of))] }

// latency is how long an effect takes after it happened: calls of Okta about as long as recorded of a real org, the
// others nothing or some milliseconds. The odd nanoseconds keep two timers from ending at the same instant.
func latency(label string, dice *rand.Rand) time.Duration {
	_, op, _ := strings.Cut(label, " ")
	if strings.HasPrefix(op, "okta") {
		return 100*time.Millisecond + time.Duration(dice.Int64N(int64(900*time.Millisecond)))
	}
	if dice.IntN(4) > 0 {
		return 0
	}
	return time.Duration(dice.Int64N(int64(20 * time.Millisecond)))
}

func isFlusher(actor string) bool { return strings.HasPrefix(actor, "flusher") }
func isLane(actor string) bool    { return strings.HasPrefix(actor, "lane") }

// isOperator tells whether an actor is the operator of the play; the one at its end is spared.
func isOperator(actor string) bool { return actor == "operator" }
