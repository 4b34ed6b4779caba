// Package explain tells of one person all that there is to know, from the item in the table to the user in Okta, and what
// a flush would do about them and why. It writes nothing.
package explain

import (
	"context"
	"time"

	"rollcall/batcher"
	"rollcall/internal/compare"
	"rollcall/internal/foresee"
	"rollcall/internal/status"
	"rollcall/mapping"
	"rollcall/okta"
)

// Explanation is what there is to know of a person.
type Explanation struct {
	Person string `json:"person"`
	// Items are those under which the person may be, in order of their keys; an item that is not there is listed too.
	Items   []Item    `json:"items"`
	Control Control   `json:"control"`
	Queue   Queue     `json:"queue"`
	Okta    User      `json:"okta"`
	Next    []Outlook `json:"next"`
	// Guard is what it goes by.
	Guard Guard `json:"guard"`
	// Known says that there is anything of the person: an item, an entry, a message, or a user in Okta.
	Known bool `json:"known"`
	// InStep says that Okta has what the table says; nil where that is not known, or the person is not.
	InStep *bool `json:"inStep,omitempty"`
}

// State is what an item is to the person.
type State string

const (
	// Absent: there is no such item.
	Absent State = "absent"
	// NoPerson: its match is false.
	NoPerson State = "no person"
	// Another: it has another externalId.
	Another State = "another person's"
	// Active and Inactive: it is the person's.
	Active   State = "active"
	Inactive State = "inactive"
	// Bad: it cannot be judged; Item.Why says the rule and the attribute.
	Bad State = "bad"
)

// Item is one under which the person may be.
type Item struct {
	// Key is what may be shown of the item's key.
	Key   string `json:"key"`
	State State  `json:"state"`
	Why   string `json:"why,omitempty"`
	// Protected says that an expression of guard.protect holds.
	Protected bool `json:"protected,omitempty"`
	// Profile is what the item maps to, in order of the names; of an active item.
	Profile []Attribute `json:"profile,omitempty"`
}

// Attribute is an attribute of Okta's profile.
type Attribute struct {
	Name string `json:"name"`
	// Value is set only if values are to be shown; nil then is null.
	Value *string `json:"value,omitempty"`
}

// Control is what the control table has of the person.
type Control struct {
	Held    *Waiting  `json:"held,omitempty"`
	Rejects []Waiting `json:"rejects,omitempty"`
	// Watched are the sessions being imported that the person is in.
	Watched []Watched `json:"watched,omitempty"`
	// Deactivated is when the person was deactivated within the guard's 24 h, without approval.
	Deactivated *batcher.Deactivated `json:"deactivated,omitempty"`
	Paused      bool                 `json:"paused,omitempty"`
	ObserveOnly bool                 `json:"observeOnly,omitempty"`
	NextTry     time.Time            `json:"nextTry,omitzero"`
}

// Waiting is an entry that waits for somebody.
type Waiting struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
}

// Watched is a session that the person is in.
type Watched struct {
	Session   string    `json:"session"`
	Triggered time.Time `json:"triggered"`
}

// Queue is what waits in the queues.
type Queue struct {
	// Depths are those of all messages, whomever they name.
	Depths []status.Queue `json:"depths"`
	// Messages are those that name the person; nil where a queue cannot be looked into.
	Messages *int `json:"messages,omitempty"`
	// Unknown are queues that could not be read, with the reason.
	Unknown []string `json:"unknown,omitempty"`
}

// User is what Okta has.
type User struct {
	There bool `json:"there"`
	// Status is in Okta's words; empty where Okta does not say.
	Status      string    `json:"status,omitempty"`
	LastUpdated time.Time `json:"lastUpdated,omitzero"`
	// Differs are the attributes that Okta has otherwise than the item that counts.
	Differs []compare.Attribute `json:"differs,omitempty"`
	// Problem is why Okta could not be asked; nothing else is then set.
	Problem string `json:"problem,omitempty"`
}

// Outlook is what a flush would do if it were asked now.
type Outlook struct {
	// Asked is upsert or deactivate, or empty where it makes no difference.
	Asked string         `json:"asked,omitempty"`
	Now   batcher.Action `json:"now"`
	Why   string         `json:"why"`
}

// Guard is what the guard goes by.
type Guard struct {
	Deactivated int  `json:"deactivated"`
	Limit       int  `json:"limit"`
	AnybodyHeld bool `json:"anybodyHeld"`
}

// Okta is what is asked of Okta.
type Okta interface {
	GetUser(ctx context.Context, externalID string) (okta.User, error)
}

var _ Okta = (*okta.Client)(nil)

// Explainer explains. Its fields are set once.
type Explainer struct {
	Okta    Okta
	Control *batcher.Control
	Mapping *mapping.Mapping
	// Attributes are the mapped attributes of Okta's profile.
	Attributes []string
	// Flusher is never run; it is asked what it would decide.
	Flusher *batcher.Flusher
	// Queues are told of in this order. Peek is nil where the intents queue cannot be looked into.
	Queues []status.NamedQueue
	Peek   foresee.Peeker
	// Hash is an externalId's keyed hash; Name is what is shown of an externalId, and of a key.
	Hash, Name func(text string) string
	// Values says to show the values of attributes.
	Values bool
}
