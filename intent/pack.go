package intent

import (
	"errors"
	"fmt"
)

// ErrTooLarge is returned for an intent or a reject that no message can hold.
var ErrTooLarge = errors.New("larger than a message may be")

// Pack writes any number of intents and rejects as messages with m's trace and group, each within MaxIntents and
// MaxBytes. They keep their order. An intent with more keys than a message holds becomes several with some of the keys
// each. After an error nothing is returned.
func Pack(m Message) ([]string, error) {
	p := Packer{Trace: func() string { return m.Trace }, Group: m.Group}
	for i := range m.Intents {
		if _, err := p.Intent(m.Intents[i]); err != nil {
			return nil, fmt.Errorf("pack intent %d: %w", i, err)
		}
	}
	for i := range m.Rejects {
		if _, err := p.Reject(m.Rejects[i]); err != nil {
			return nil, fmt.Errorf("pack reject %d: %w", i, err)
		}
	}
	return p.Bodies(), nil
}

// Packer is Pack for a sender that makes its intents one by one and wants to know which message holds which. Its fields
// are set before the first call. It is not safe for concurrent use.
type Packer struct {
	// Trace returns the trace of a message; it is called once for each.
	Trace func() string
	// Group is the group of all messages.
	Group string

	bodies []string
	// intents is the open message up to and including its last intent, empty while no message is open; rejects are the
	// elements of its second array.
	intents, rejects   []byte
	nIntents, nRejects int
}

// Intent adds an intent and returns the index of the body that holds it, or the last part of it where its keys need
// several. An intent that is not added leaves the others as they were.
func (p *Packer) Intent(in Intent) (body int, err error) {
	if err := p.open(); err != nil {
		return 0, err
	}
	mark := len(p.intents)
	p.intents = append(p.intents, separator(p.nIntents, `,"intents":[`)...)
	if p.intents, err = appendIntent(p.intents, &in); err != nil {
		p.intents = p.intents[:mark]
		return 0, err
	}
	p.nIntents++
	if p.fits() {
		return len(p.bodies), nil
	}
	p.intents = p.intents[:mark]
	p.nIntents--
	if p.nIntents+p.nRejects > 0 {
		p.close()
		return p.Intent(in)
	}
	half := len(in.Keys) / 2
	if half == 0 {
		return 0, fmt.Errorf("intent is %w", ErrTooLarge)
	}
	first, second := in, in
	first.Keys, second.Keys = in.Keys[:half], in.Keys[half:]
	if _, err := p.Intent(first); err != nil {
		return 0, err
	}
	return p.Intent(second)
}

// Reject adds a reject and returns the index of the body that holds it.
func (p *Packer) Reject(r Reject) (body int, err error) {
	if err := p.open(); err != nil {
		return 0, err
	}
	mark := len(p.rejects)
	p.rejects = append(p.rejects, separator(p.nRejects, `,"rejects":[`)...)
	if p.rejects, err = appendReject(p.rejects, &r); err != nil {
		p.rejects = p.rejects[:mark]
		return 0, err
	}
	p.nRejects++
	if p.fits() {
		return len(p.bodies), nil
	}
	p.rejects = p.rejects[:mark]
	p.nRejects--
	if p.nIntents+p.nRejects == 0 {
		return 0, fmt.Errorf("reject is %w", ErrTooLarge)
	}
	p.close()
	return p.Reject(r)
}

// Bodies closes the open message and returns all of them. The packer is then as new, but for its fields.
func (p *Packer) Bodies() []string {
	p.close()
	bodies := p.bodies
	p.bodies = nil
	return bodies
}

func (p *Packer) fits() bool {
	const closing = len("]]}")
	return p.nIntents <= MaxIntents && p.nRejects <= MaxIntents && len(p.intents)+len(p.rejects)+closing <= MaxBytes
}

func (p *Packer) open() (err error) {
	if len(p.intents) > 0 {
		return nil
	}
	p.intents, err = appendHead(p.intents, p.Trace(), p.Group)
	if err != nil {
		p.intents = p.intents[:0]
	}
	return err
}

func (p *Packer) close() {
	if p.nIntents+p.nRejects > 0 {
		body := closeArray(p.intents, p.nIntents)
		body = append(body, p.rejects...)
		body = closeArray(body, p.nRejects)
		body = append(body, '}')
		p.bodies = append(p.bodies, string(body))
		p.intents = body
	}
	p.intents, p.rejects = p.intents[:0], p.rejects[:0]
	p.nIntents, p.nRejects = 0, 0
}
