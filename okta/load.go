package okta

import (
	"context"
	"net/http"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// MaxLoadPeople is the most people that one upload may hold, by Okta's guide.
	MaxLoadPeople = 200
	// MaxLoadBytes is the most bytes that one upload may hold, 200 KB by Okta's guide. The guide does not say whether a
	// KB has 1,000 or 1,024 bytes; this is the smaller.
	MaxLoadBytes = 200_000
	// MaxLoads is the most uploads that one session may get, of all kinds together, by Okta's guide.
	MaxLoads = 50

	// LoadEnvelope is what an upload's body has around its entries, in bytes. A body of at least one entry is
	// LoadEnvelope and the sizes of its entries long.
	LoadEnvelope = len(loadHead) + len(loadTail) - len(`,`)
)

const (
	loadHead   = `{"entityType":"USERS","profiles":[`
	loadTail   = `]}`
	entryHead  = `{"externalId":`
	entryInner = `,"profile":`
	entryTail  = `}`
)

// Person is a user of the identity source as it is uploaded.
type Person struct {
	ExternalID string
	// Profile is a JSON object whose values are strings or null. It is sent as it is.
	Profile []byte
}

// UpsertSize returns how many bytes a person adds to the body of BulkUpsert, the separator included.
func UpsertSize(externalID string, profileLen int) int {
	return len(`,`) + len(entryHead) + quotedLen(externalID) + len(entryInner) + profileLen + len(entryTail)
}

// DeleteSize returns how many bytes an externalId adds to the body of BulkDelete, the separator included.
func DeleteSize(externalID string) int {
	return len(`,`) + len(entryHead) + quotedLen(externalID) + len(entryTail)
}

// quotedLen is the length of the JSON string that jsontext.AppendQuote makes.
func quotedLen(s string) int {
	n := len(`""`)
	for _, r := range s {
		switch {
		case r == '"' || r == '\\' || r == '\b' || r == '\f' || r == '\n' || r == '\r' || r == '\t':
			n += len(`\n`)
		case r < ' ':
			n += len(`\u0000`)
		default: // an invalid byte becomes U+FFFD, and is r = U+FFFD here as well
			n += utf8.RuneLen(r)
		}
	}
	return n
}

// BulkUpsert uploads people to be created or updated: at most MaxLoadPeople and MaxLoadBytes. An externalId must not
// come twice in one session. Okta looks at the people only after the session was started.
func (c *Client) BulkUpsert(ctx context.Context, sessionID string, people []Person) error {
	const op = "bulk upsert"
	size := LoadEnvelope
	for i, p := range people {
		if err := CheckExternalID(p.ExternalID); err != nil {
			return invalid(op, "person %d: %w", i, err)
		}
		if n := len(p.Profile); n <= len(`{}`) || p.Profile[0] != '{' || p.Profile[n-1] != '}' {
			return invalid(op, "person %d: profile is not a JSON object with attributes", i)
		}
		size += UpsertSize(p.ExternalID, len(p.Profile))
	}
	return c.upload(ctx, op, sessionID, "/bulk-upsert", len(people), size, func(body []byte, i int) []byte {
		body = appendExternalID(body, people[i].ExternalID)
		body = append(body, entryInner...)
		return append(body, people[i].Profile...)
	})
}

// BulkDelete uploads externalIds of users to be deactivated: at most MaxLoadPeople and MaxLoadBytes. Okta matches them
// against the users that it has at that moment and leaves out the others without a word.
func (c *Client) BulkDelete(ctx context.Context, sessionID string, externalIDs []string) error {
	const op = "bulk delete"
	size := LoadEnvelope
	for i, id := range externalIDs {
		if err := CheckExternalID(id); err != nil {
			return invalid(op, "person %d: %w", i, err)
		}
		size += DeleteSize(id)
	}
	return c.upload(ctx, op, sessionID, "/bulk-delete", len(externalIDs), size, func(body []byte, i int) []byte {
		return appendExternalID(body, externalIDs[i])
	})
}

// upload posts a body of n entries, each appended by entry but for its end.
func (c *Client) upload(ctx context.Context, op, sessionID, path string, n, size int, entry func([]byte, int) []byte) error {
	switch {
	case n == 0:
		return invalid(op, "nobody to upload")
	case n > MaxLoadPeople:
		return invalid(op, "%d people: an upload holds at most %d", n, MaxLoadPeople)
	case size > MaxLoadBytes:
		return invalid(op, "%d bytes: an upload holds at most %d", size, MaxLoadBytes)
	}
	k, err := c.onSession(op, familyUploads, http.MethodPost, sessionID, path)
	if err != nil {
		return err
	}
	k.body = append(make([]byte, 0, size), loadHead...)
	for i := range n {
		if i > 0 {
			k.body = append(k.body, ',')
		}
		k.body = append(entry(k.body, i), entryTail...)
	}
	k.body = append(k.body, loadTail...)
	_, err = c.do(ctx, k)
	return err
}

func appendExternalID(body []byte, id string) []byte {
	body = append(body, entryHead...)
	body, _ = jsontext.AppendQuote(body, id) // checked to be UTF-8
	return body
}
