// Package oktasim is an Okta org as far as an identity source sees it: the Identity Sources API with every rule that Okta
// enforces, each refusal with Okta's status and error body.
//
// A [Server] is an http.Handler; [Server.Transport] drives it without sockets. It starts no goroutine and keeps no timer:
// imports, expiries and late requests are worked off, in order and as of Config.Now, whenever a request comes in or
// [Server.Advance] is called. With a driven clock and a seed, the same calls always have the same effects and the same ids.
//
// Where Okta's documents and its answers on the wire disagree, a setting of [Config] chooses the reading.
package oktasim
