package sim

import (
	"encoding/json"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
)

// messageView is what the checks know of a message.
type messageView struct {
	message intent.Message
	err     error
}

func viewMessage(body string) *messageView {
	m, err := intent.Decode(body)
	return &messageView{m, err}
}

// runView is what the checks know of the flush in hand of a flusher.
type runView struct {
	owner string
	actor *actor
	began time.Time
	// received are the intents taken from the queue, by person.
	received map[string][]intent.Intent
	// keys are those under which a person may be, as far as the flush can know: an index lags.
	keys map[string][]intent.Key
	// read is what the table said when the flush last read an item; the zero value is that there was none.
	read map[intent.Key]reading
	// versions are those of the entries that the flush last saw in a list.
	versions map[storeKey]int64
	// opened says that the flush has created a session; oldest is the oldest message of those it received before, and beside
	// another open session that its last list showed since.
	opened bool
	oldest *message
	beside string
	// counted is how many items the table had when the flush asked.
	counted int64
	// ignored are those whom Okta did not know when their deactivation was uploaded.
	ignored map[string]bool
	// watched and rejects are who and what the flush entered into the control table.
	watched map[string]bool
	rejects []intent.Reject
	// approvedWatch are those whom it entered as approved.
	approvedWatch map[string]bool
	// watchesSeen are the messages of the watches that it has read, which another may have dropped since.
	watchesSeen []intent.Message
	// hand are the messages in its hands, by receipt, lastTake is when it last received; seen is who was in the control
	// table when it last listed a kind.
	hand     map[string]*message
	lastTake time.Time
	seen     map[string]map[string]bool
	// observes says that the control item asked for observe-only when the lease was taken, released that it was given back,
	// lost when another flush took it.
	observes, released bool
	lost               time.Time
	// hit says that a fault or an outage met the flush, refused that Okta did not take a load, troubled until when a fault
	// kept it from the control item.
	hit, refused bool
	troubled     time.Time
	// starting is when it first tried to start the import of a session.
	starting map[string]time.Time
	// listed is when the flush last saw the list of sessions, by Okta's clock.
	listed time.Time
}

type reading struct {
	there bool
	item  item
}

func newRunView() *runView {
	return &runView{
		began:    time.Now(),
		received: map[string][]intent.Intent{}, keys: map[string][]intent.Key{}, read: map[intent.Key]reading{},
		ignored: map[string]bool{}, watched: map[string]bool{}, approvedWatch: map[string]bool{}, hand: map[string]*message{},
		seen: map[string]map[string]bool{}, versions: map[storeKey]int64{}, starting: map[string]time.Time{},
	}
}

// sessionView is what the checks know of a session.
type sessionView struct {
	id string
	// owner is the flush that created it, empty if its creation was late or not told.
	owner   string
	created time.Time
	loads   int
	// leavers are those uploaded to be deactivated without an operator's approval, approved the others.
	leavers, approved []string
	// upserted are the others, till they are in Okta, everyone those also then.
	upserted, everyone []string
	// triggered counts the steps of the play at the trigger, 0 before it.
	triggered int
}

// watched returns who is in the store's watches.
func (s *store) watched() map[string]bool {
	ids := map[string]bool{}
	for key, e := range s.entries {
		if key.kind != "watch" {
			continue
		}
		for _, in := range messageIn(e).Intents {
			ids[in.ExternalID] = true
		}
	}
	return ids
}

// messageIn reads the message that an entry holds.
func messageIn(e batcher.Entry) intent.Message {
	var value struct{ Message json.RawMessage }
	if json.Unmarshal(e.Value, &value) != nil {
		return intent.Message{}
	}
	m, _ := intent.Decode(string(value.Message))
	return m
}

// rejects returns what is rejected.
func (s *store) rejects() []intent.Reject {
	var all []intent.Reject
	for key, e := range s.entries {
		if key.kind == "reject" {
			m, _ := intent.Decode(string(e.Value))
			all = append(all, m.Rejects...)
		}
	}
	return all
}

func (s *store) held(id string) bool { return s.at("held", id).Version > 0 }
