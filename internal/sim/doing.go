package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/okta/oktasim"
)

// live does what the plan says, when it says so.
func (h *house) live(ctx context.Context) {
	world := &actor{house: h, name: "world"}
	operator := &actor{house: h, name: "operator"}
	for n, o := range h.plan.ops {
		if sleep(ctx, time.Until(h.trace.start.Add(o.at))) != nil {
			return
		}
		switch o.kind {
		case opRelease, opDiscard, opRetry, opDiscardRejects, opPause, opObserve, opResume, opDeactivate, opScan, opMissing:
			h.operate(ctx, operator, o)
		default:
			_ = world.perform(ctx, effect{op: o.kind.String(), detail: fmt.Sprintf("%02d %d", o.row, n), do: func() error {
				h.do(o)
				return nil
			}})
		}
	}
	if h.plan.flavor.rates.operator > 0 { // a command that was given again may have come after the supervisor's
		h.operate(ctx, &actor{house: h, name: "operator2"}, op{kind: opResume})
	}
	_ = world.perform(ctx, effect{op: "nothing more", do: func() error { h.restore(); h.lived = true; return nil }})
}

// do does what is no operator's command.
func (h *house) do(o op) {
	switch o.kind {
	default:
		h.people.change(o)
	case opMove:
		h.people.move(o)
	case opVanish:
		h.people.vanish(o)
	case opReappear:
		h.people.reappear(o.row)
	case opMalformed:
		h.stream.append(keyOf(h.plan.flavor.indexed, o.row, personName(o.row)), nil, []byte(`{"id":{"X":"?"},"active":{"BOOL":true},"kind":{"S":"person"}}`))
	case opJunk:
		body := fmt.Sprintf("not a message, %d", o.n)
		h.queue.add(body, 0, viewMessage(body))
	case opReplay:
		if all := len(h.stream.records); all > 0 {
			from := o.n % all
			h.stream.replay(from, min(all, from+1+o.n%7))
		}
	case opSync:
		h.sync()
	case opSay:
		h.say(o.row)
	case opSplit:
		h.stream.split(o.n)
	case opClose:
		h.closeNext = true
	case opStranger:
		h.strangerNext = true
	case opSquat:
		h.squatNext = true
	case opTableDown, opTableUp:
		if h.tableDown = o.kind == opTableDown; h.tableDown {
			h.faults.injected[faultTable]++
		}
	case opTokenDown, opTokenUp:
		h.setToken(o.kind == opTokenUp)
	}
}

func (h *house) setToken(good bool) {
	token := orgToken
	if !good {
		token = "another"
		h.faults.injected[faultToken]++
	}
	h.tokenDown = !good
	h.must(h.org.Reconfigure(func(c *oktasim.Config) { c.Token = token }))
}

// sync enqueues everybody who matches, as a scan of the whole table does.
func (h *house) sync() {
	var intents []intent.Intent
	for _, row := range slices.Sorted(maps.Keys(h.people.rows)) {
		if i := h.people.rows[row]; !i.robot {
			key := keyOf(h.plan.flavor.indexed, row, i.id)
			intents = append(intents, intent.Intent{ExternalID: i.id, Kind: intent.Upsert, Keys: []intent.Key{key}})
		}
	}
	h.enqueue(intents)
}

// say enqueues whoever has or had a row, as a scan does that read it while it was there.
func (h *house) say(row int) {
	id := personName(row)
	if i, there := h.people.rows[row]; there {
		id = i.id
	}
	key := keyOf(h.plan.flavor.indexed, row, id)
	h.enqueue([]intent.Intent{{ExternalID: id, Kind: intent.Upsert, Keys: []intent.Key{key}}})
}

func (h *house) enqueue(intents []intent.Intent) {
	bodies, err := intent.Pack(intent.Message{Trace: uuid.NewString(), Intents: intents})
	h.must(err)
	world := &actor{house: h, name: "world"}
	for _, body := range bodies {
		h.checks.sent(world, h.queue, h.queue.add(body, 0, viewMessage(body)))
	}
}

// restore puts back what is still away, and has everybody looked at, as one does after a restoration.
func (h *house) restore() {
	if len(h.people.vanished) == 0 {
		return
	}
	for _, row := range slices.Sorted(maps.Keys(h.people.vanished)) {
		h.people.reappear(row)
	}
	h.sync()
}

// operate gives a command as an operator does, again while it fails; of one that goes on failing they let go. The list is
// read before: what it shows may be old when the command acts on it.
func (h *house) operate(ctx context.Context, a *actor, o op) {
	operator := batcher.Operator{Control: batcher.NewControl(storeEdge{a, h.store}), Queue: queueEdge{a, h.queue}, Who: "operator"}
	for range commandTries {
		err := h.command(ctx, a, operator, o)
		switch {
		case err == nil || ctx.Err() != nil:
			return
		case !errors.Is(err, errInjected) && !errors.Is(err, errTableDown):
			h.must(err)
			return
		}
		if sleep(ctx, commandAgain) != nil {
			return
		}
	}
}

// An operator gives a command that fails so often, and again after that while.
const (
	commandTries = 3
	commandAgain = 20 * time.Second
)

func (h *house) command(ctx context.Context, a *actor, operator batcher.Operator, o op) error {
	a.says, a.said = o.kind == opRelease || o.kind == opRetry, false
	switch o.kind {
	case opPause:
		return operator.Pause(ctx)
	case opObserve:
		return operator.Observe(ctx)
	case opResume:
		return operator.Resume(ctx)
	case opDeactivate:
		id := personName(o.row)
		h.checks.dismiss(ctx, a, id)
		return operator.Deactivate(ctx, []string{id})
	case opScan, opMissing:
		return h.scan(ctx, a, o.kind == opMissing)
	case opRelease, opDiscard:
		return h.operateHeld(ctx, a, operator, o)
	default:
		return h.operateRejects(ctx, a, operator, o)
	}
}

func (h *house) operateHeld(ctx context.Context, a *actor, operator batcher.Operator, o op) error {
	held, err := operator.Control.Held(ctx)
	if err != nil {
		return err
	}
	for _, one := range held {
		if o.kind == opRelease {
			h.checks.approve(ctx, a, one.Intent.ExternalID)
			if h.released != nil {
				h.released[one.Intent.ExternalID] = true
			}
		} else {
			h.checks.forgive(ctx, a, one.Intent.ExternalID)
		}
	}
	if o.kind == opRelease {
		return operator.Release(ctx, held)
	}
	return operator.Discard(ctx, held)
}

func (h *house) operateRejects(ctx context.Context, a *actor, operator batcher.Operator, o op) error {
	rejects, err := operator.Control.Rejects(ctx)
	if err != nil {
		return err
	}
	if o.kind == opDiscardRejects {
		for _, r := range rejects {
			h.checks.forgive(ctx, a, r.ExternalID)
		}
		return operator.DiscardRejects(ctx, rejects)
	}
	_, err = operator.Retry(ctx, rejects)
	return err
}
