// Package okta is a client of Okta's Identity Sources API ("Anything-as-a-Source"), in Okta's words and no others.
//
// An identity source is loaded by sessions: CreateSession, up to MaxLoads uploads with BulkUpsert and BulkDelete, then
// StartImport. Okta answers an upload before it has looked at the people in it, and imports a session after it was
// started; GetSession tells when. Single users can be read and changed without a session.
//
// Three things are the same for all calls:
//
//   - Pacing. Okta allows few calls a minute (15 were seen). The client reads the rate-limit headers of every response,
//     keeps a share of the limit free for others and waits for the next window rather than run into a 429. A wait that
//     would pass the context's deadline is a ThrottledError at once.
//   - Repeating. A call is repeated after a failure only if a repetition cannot do harm: reads, cancel, replace and
//     delete always; create, uploads and start only when Okta surely did not act on them.
//   - Errors. Classify says what kind of failure an error is, Ambiguous whether the request may have had its effect all
//     the same. No error holds a token or a key. The package never logs; Config.Observe sees each attempt.
package okta
