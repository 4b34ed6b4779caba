package okta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Status is where a session stands, in Okta's words. Okta may have others than these; they are neither active nor ended.
type Status string

const (
	// StatusCreated is a session that nothing was uploaded to, or nothing that Okta could match.
	StatusCreated Status = "CREATED"
	// StatusInProgress is a session that something was uploaded to.
	StatusInProgress Status = "IN_PROGRESS"
	// StatusTriggered is a session that is being imported, or waits for its turn.
	StatusTriggered Status = "TRIGGERED"
	// StatusCompleted is a session that was imported. Single people may have failed all the same.
	StatusCompleted Status = "COMPLETED"
	// StatusError is a session whose import failed; its people must be uploaded again in another.
	StatusError Status = "ERROR"
	// StatusClosed is a session that was cancelled.
	StatusClosed Status = "CLOSED"
	// StatusExpired is a session that had no request for 24 h before it was started.
	StatusExpired Status = "EXPIRED"
)

// Active tells whether the session is still to be loaded or imported.
func (s Status) Active() bool {
	return s == StatusCreated || s == StatusInProgress || s == StatusTriggered
}

// Ended tells whether the session will not change any more.
func (s Status) Ended() bool {
	return s == StatusCompleted || s == StatusError || s == StatusClosed || s == StatusExpired
}

// Session is an import session of an identity source.
type Session struct {
	ID               string
	IdentitySourceID string
	Status           Status
	// ImportType is INCREMENTAL.
	ImportType string
	// Created and LastUpdated are by Okta's clock; zero if Okta did not say.
	Created, LastUpdated time.Time
}

// ListSessions returns the sessions that Okta lists: the active ones, and perhaps ended ones.
func (c *Client) ListSessions(ctx context.Context) ([]Session, error) {
	var list []wireSession
	k := c.sourceCall("list sessions", familySessions, http.MethodGet, "/sessions", "")
	k.repeatable = true
	k.read = func(body []byte) error {
		list = nil
		if err := json.Unmarshal(body, &list); err != nil {
			return err
		}
		for _, s := range list {
			if err := s.check(); err != nil {
				return err
			}
		}
		return nil
	}
	if _, err := c.do(ctx, k); err != nil {
		return nil, err
	}
	sessions := make([]Session, len(list))
	for i, s := range list {
		sessions[i] = s.session()
	}
	return sessions, nil
}

// CreateSession opens a session. Okta refuses it (class Refused) while another is open, and for a while after one was
// started.
func (c *Client) CreateSession(ctx context.Context) (Session, error) {
	return c.sessionCall(ctx, c.sourceCall("create session", familySessions, http.MethodPost, "/sessions", ""))
}

// GetSession returns a session. IsNotFound tells whether Okta does not know it.
func (c *Client) GetSession(ctx context.Context, id string) (Session, error) {
	k, err := c.onSession("get session", familySessions, http.MethodGet, id, "")
	if err != nil {
		return Session{}, err
	}
	k.repeatable = true
	return c.sessionCall(ctx, k)
}

// CancelSession closes a session that was not started. Okta refuses to cancel one that was, or that is closed.
func (c *Client) CancelSession(ctx context.Context, id string) error {
	k, err := c.onSession("cancel session", familySessions, http.MethodDelete, id, "")
	if err != nil {
		return err
	}
	k.repeatable = true
	_, err = c.do(ctx, k)
	var refused *APIError
	if errors.As(err, &refused) && refused.Repeated && refused.Status == http.StatusBadRequest {
		// The first try may have closed it.
		if s, getErr := c.GetSession(ctx, id); getErr == nil && s.Status == StatusClosed {
			return nil
		}
	}
	return err
}

// StartImport ends the loading of a session and has Okta import it ("trigger"). Okta refuses it for a session that holds
// nothing and so is still CREATED.
func (c *Client) StartImport(ctx context.Context, sessionID string) (Session, error) {
	k, err := c.onSession("start import", familyImports, http.MethodPost, sessionID, "/start-import")
	if err != nil {
		return Session{}, err
	}
	return c.sessionCall(ctx, k)
}

// onSession returns a call under the path of a session.
func (c *Client) onSession(op, family, method, id, path string) (call, error) {
	if err := checkID("session ID", id); err != nil {
		return call{}, invalid(op, "%w", err)
	}
	return c.sourceCall(op, family, method, "/sessions/"+id+path, ""), nil
}

// sessionCall makes a call that is answered with a session.
func (c *Client) sessionCall(ctx context.Context, k call) (Session, error) {
	var s wireSession
	k.read = func(body []byte) error {
		s = wireSession{}
		if err := json.Unmarshal(body, &s); err != nil {
			return err
		}
		return s.check()
	}
	if _, err := c.do(ctx, k); err != nil {
		return Session{}, err
	}
	return s.session(), nil
}

type wireSession struct {
	ID               string `json:"id"`
	IdentitySourceID string `json:"identitySourceId"`
	Status           Status `json:"status"`
	ImportType       string `json:"importType"`
	Created          string `json:"created"`
	LastUpdated      string `json:"lastUpdated"`
}

func (s wireSession) check() error {
	if err := checkID("session's id", s.ID); err != nil {
		return err
	}
	if s.Status == "" {
		return fmt.Errorf("session %s has no status", s.ID)
	}
	return nil
}

func (s wireSession) session() Session {
	return Session{ID: s.ID, IdentitySourceID: s.IdentitySourceID, Status: s.Status, ImportType: s.ImportType,
		Created: readTime(s.Created), LastUpdated: readTime(s.LastUpdated)}
}

// readTime reads a time of Okta, 2026-01-31T12:00:00.000Z. One that cannot be read is zero: no call fails for it.
func readTime(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t
}
