package batcher

import (
	"sync"
	"time"

	"rollcall/intent"
)

// delivery is a message in the hands of a run.
type delivery struct {
	Received
	message intent.Message
}

// inbox holds the messages of a run till they are acknowledged or given back. The run's goroutine writes it; the one
// that keeps the lease reads the receipts.
type inbox struct {
	mu         sync.Mutex
	deliveries []delivery
	people     map[string]bool
	// received is the highest receive count of each person's messages.
	received map[string]int
}

// fits reports whether the people of a message can be taken along.
func (b *inbox) fits(m intent.Message) bool {
	more := 0
	for i := range m.Intents {
		if !b.people[m.Intents[i].ExternalID] {
			more++
		}
	}
	return len(b.people)+more <= maxPeople
}

func (b *inbox) add(d delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.put(d)
}

func (b *inbox) put(d delivery) {
	if b.people == nil {
		b.people, b.received = map[string]bool{}, map[string]int{}
	}
	b.deliveries = append(b.deliveries, d)
	for i := range d.message.Intents {
		id := d.message.Intents[i].ExternalID
		b.people[id] = true
		b.received[id] = max(b.received[id], d.Count)
	}
}

// keepOnly leaves the deliveries that keep says and returns the others, which are no longer the inbox's.
func (b *inbox) keepOnly(keep func(delivery) bool) (others []delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.deliveries
	b.deliveries, b.people, b.received = nil, nil, nil
	for _, d := range all {
		if keep(d) {
			b.put(d)
		} else {
			others = append(others, d)
		}
	}
	return others
}

// take empties the inbox.
func (b *inbox) take() []delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.deliveries
	b.deliveries = nil
	return all
}

func (b *inbox) receipts() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return receipts(b.deliveries)
}

func (b *inbox) intents() []intent.Intent {
	n := 0
	for i := range b.deliveries {
		n += len(b.deliveries[i].message.Intents)
	}
	all := make([]intent.Intent, 0, n)
	for i := range b.deliveries {
		all = append(all, b.deliveries[i].message.Intents...)
	}
	return all
}

// oldest returns the delivery that was sent first, nil if there is none.
func (b *inbox) oldest() *delivery {
	var first *delivery
	for i := range b.deliveries {
		if d := &b.deliveries[i]; first == nil || d.Sent.Before(first.Sent) {
			first = d
		}
	}
	return first
}

// age is how long ago the oldest message was sent.
func (b *inbox) age(now time.Time) time.Duration {
	if d := b.oldest(); d != nil {
		return max(0, now.Sub(d.Sent))
	}
	return 0
}

func receipts(ds []delivery) []string {
	all := make([]string, len(ds))
	for i := range ds {
		all[i] = ds[i].Receipt
	}
	return all
}
