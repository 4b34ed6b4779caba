package batcher

import "rollcall/intent"

// action is what a flush does about a person.
type action uint8

const (
	// actNothing: an upsert's item is gone or belongs to somebody else; that change has an intent of its own.
	actNothing action = iota
	actUpsert
	actDeactivate
	// actReject: the person cannot be told to Okta till somebody mends what person.reason says.
	actReject
	// actHold: a deactivation that waits for an operator.
	actHold
)

// person is an intent together with what the table said about it.
type person struct {
	intent intent.Intent
	action action
	// profile is the JSON object to upload, for an upsert.
	profile []byte
	// reason is why a person is rejected or held; it names rules and attributes, never values.
	reason string
	// shadowed counts further active items with the same externalId whose keys are larger than the one used.
	shadowed int
	// protected says that guard.protect names the person.
	protected bool
	// fate is what became of the person in the run.
	fate fate
}

func (a action) String() string {
	return [...]string{"nothing", "upsert", "deactivate", "reject", "hold"}[a]
}
