package sim

// invariants are all that the plays check, by the names in reports. Many plays must have checked each of them.
var invariants = []string{
	// Of loads and sessions.
	"loads are within Okta's limits",
	"nobody is twice in a session",
	"only a run's own session is loaded",
	"no session beside a TRIGGERED one",
	"Okta is not asked more than its limit allows",
	"no session is loaded beside another open one",
	"only a stale session of others is cancelled",
	// Of who is told to Okta.
	"profiles are those of the table when it was read",
	"nobody is deactivated untold",
	"nobody active in the table is deactivated",
	"protected people are never deactivated",
	"the guard's limit holds",
	"nobody is held without a cause",
	"nobody active is held",
	"nobody is rejected without a cause",
	"whoever is deactivated is entered for the guard before",
	"the oldest message decides who travels",
	"whoever travels apart goes on apart",
	// Of operators.
	"an operator says people before their entries go",
	"nothing begins while paused",
	"observe-only tells Okta nothing",
	"observe-only deletes nobody's message",
	"only an operator approves",
	"no approval is lost",
	"nobody approved is held",
	// Of the lease.
	"nothing is received and nobody called without a lease",
	"a lease is renewed while its flush works",
	"whoever loses the lease stops",
	"a run that went well ends a row of failures",
	// Of messages and watches.
	"rejects are cleared before the messages go",
	"nothing newer than what a flush knows is cleared",
	"an intent that comes to nothing clears nothing",
	"messages are within their limits",
	"no message is deleted before its intents are accounted for",
	"no watch is dropped before its intents are accounted for",
	// Of time.
	"no leaver waits longer than two imports",
	"nobody waits for ever while others change",
	// Of the urgent lane.
	"the urgent lane keeps its budget",
	"no call takes out who has been active since before it was said",
	"a leaver is out within seconds while an import is in flight",
	"no copy lies in the urgent queue for ten minutes",
	// Of the drained house.
	"the house drains",
	"every active person is in Okta as mapped",
	"nobody else is active",
	"whoever cannot be mapped is rejected by name",
	"whoever is released is out",
}
