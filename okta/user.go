package okta

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"
)

// maxExternalID is the most characters of an externalId, by Okta's API document.
const maxExternalID = 512

// User is a user of the identity source as Okta holds it.
type User struct {
	// ID is Okta's own.
	ID, ExternalID string
	// Status is in Okta's words as AppUser.Status is. It is empty where Okta does not say, as by its guide.
	Status string
	// Profile is a JSON object.
	Profile              []byte
	Created, LastUpdated time.Time
}

// Out tells whether the user was taken out, and false where Okta does not say.
func (u User) Out() bool { return out(u.Status) }

// CreateUser creates a user at once, without a session.
func (c *Client) CreateUser(ctx context.Context, p Person) error {
	const op = "create user"
	body, err := userBody(op, p, true)
	if err != nil {
		return err
	}
	k := c.sourceCall(op, familyUsers, http.MethodPost, "/users", "")
	k.body = body
	_, err = c.do(ctx, k)
	return err
}

// GetUser returns what Okta holds of a user. IsNotFound tells whether it has no such user of this source.
func (c *Client) GetUser(ctx context.Context, externalID string) (User, error) {
	k, err := c.onUser("get user", http.MethodGet, externalID)
	if err != nil {
		return User{}, err
	}
	var u struct {
		ID, ExternalID, Status, Created, LastUpdated string
		Profile                                      json.RawMessage
	}
	k.repeatable = true
	k.read = func(body []byte) error {
		u.ExternalID, u.Status = "", ""
		if err := json.Unmarshal(body, &u); err != nil {
			return err
		}
		if u.ExternalID != externalID {
			return errors.New("the user's externalId is not the one asked for")
		}
		return nil
	}
	if _, err := c.do(ctx, k); err != nil {
		return User{}, err
	}
	return User{ID: u.ID, ExternalID: u.ExternalID, Status: u.Status, Profile: u.Profile,
		Created: readTime(u.Created), LastUpdated: readTime(u.LastUpdated)}, nil
}

// ReplaceUser writes a user's whole profile at once: attributes that it does not name become null.
func (c *Client) ReplaceUser(ctx context.Context, p Person) error {
	return c.writeUser(ctx, "replace user", http.MethodPut, p)
}

// UpdateUser writes some attributes of a user at once and leaves the others.
func (c *Client) UpdateUser(ctx context.Context, p Person) error {
	return c.writeUser(ctx, "update user", http.MethodPatch, p)
}

func (c *Client) writeUser(ctx context.Context, op, method string, p Person) error {
	k, err := c.onUser(op, method, p.ExternalID)
	if err != nil {
		return err
	}
	if k.body, err = userBody(op, p, false); err != nil {
		return err
	}
	k.repeatable = method == http.MethodPut
	_, err = c.do(ctx, k)
	return err
}

// DeleteUser deactivates a user at once, without a session. IsNotFound tells whether Okta has no such user of this
// source.
func (c *Client) DeleteUser(ctx context.Context, externalID string) error {
	k, err := c.onUser("delete user", http.MethodDelete, externalID)
	if err != nil {
		return err
	}
	k.repeatable = true
	_, err = c.do(ctx, k)
	var refused *APIError
	if errors.As(err, &refused) && refused.Repeated && refused.Status == http.StatusNotFound {
		return nil // an earlier try deleted it
	}
	return err
}

func (c *Client) onUser(op, method, externalID string) (call, error) {
	if err := CheckExternalID(externalID); err != nil {
		return call{}, invalid(op, "%w", err)
	}
	if externalID == "." || externalID == ".." {
		return call{}, invalid(op, "externalId %s would be lost in the address", externalID)
	}
	return c.sourceCall(op, familyUsers, method, "/users/", externalID), nil
}

func userBody(op string, p Person, withID bool) ([]byte, error) {
	if err := CheckExternalID(p.ExternalID); err != nil {
		return nil, invalid(op, "%w", err)
	}
	if n := len(p.Profile); n <= len(`{}`) || p.Profile[0] != '{' || p.Profile[n-1] != '}' {
		return nil, invalid(op, "profile is not a JSON object with attributes")
	}
	if withID {
		body := append(appendExternalID(nil, p.ExternalID), entryInner...)
		return append(append(body, p.Profile...), entryTail...), nil
	}
	return append(append([]byte(`{"profile":`), p.Profile...), '}'), nil
}

// CheckExternalID returns what Okta would refuse about an externalId: empty, not UTF-8, or longer than 512 characters, the
// limit of Okta's published API. The error does not quote it.
func CheckExternalID(id string) error {
	switch {
	case id == "":
		return errors.New("externalId is empty")
	case !utf8.ValidString(id):
		return errors.New("externalId is not UTF-8")
	case utf8.RuneCountInString(id) > maxExternalID:
		return errors.New("externalId has more than 512 characters")
	}
	return nil
}
