package okta

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// appUsersPage is how many users a page of AppUsers has, the most that Okta allows.
const appUsersPage = 500

// App is the app that stands for the identity source in the org.
type App struct {
	ID string `json:"id"`
	// Name is the kind of app, AppName for an identity source; Label is what the Admin Console shows.
	Name  string `json:"name"`
	Label string `json:"label"`
	// Status is ACTIVE or INACTIVE.
	Status   string   `json:"status"`
	Features []string `json:"features"`
}

// AppName is the Name of a Custom Identity Source app.
const AppName = "custom_identity_source"

// GetApp returns the identity source's app. Scope: okta.apps.read.
func (c *Client) GetApp(ctx context.Context) (App, error) {
	var app App
	k := c.orgCall("get app", familyApps, http.MethodGet, "/apps/"+c.source, nil)
	k.read = func(body []byte) error {
		app = App{}
		if err := json.Unmarshal(body, &app); err != nil {
			return err
		}
		if app.ID != c.source {
			return errors.New("the app's id is not the one asked for")
		}
		return nil
	}
	_, err := c.do(ctx, k)
	return app, err
}

// AppUser is a user whom the org has from the identity source.
type AppUser struct {
	// ID is the Okta user's.
	ID string
	// ExternalID is empty for a user who was assigned to the app by other means than an import.
	ExternalID string
	// Status is the assignment's, in Okta's words (ACTIVE, PROVISIONED, DEPROVISIONED, …).
	Status string
	// Scope is USER or GROUP.
	Scope string
	// Profile is the app's profile of the user, a JSON object.
	Profile              []byte
	Created, LastUpdated time.Time
}

// Out tells whether the user was taken out of the app: deactivated, or assigned no longer.
func (u AppUser) Out() bool { return out(u.Status) }

// out are the statuses of an assignment that is over, by Okta's API document.
func out(status string) bool {
	switch status {
	case "DEPROVISIONED", "INACTIVE", "REVOKED", "UNASSIGNED":
		return true
	}
	return false
}

// AppUsers yields all users whom the org has from the identity source, in Okta's order, and ends with the first error.
// It makes one call for each 500, paced. Scope: okta.apps.read.
func (c *Client) AppUsers(ctx context.Context) iter.Seq2[AppUser, error] {
	type wire struct {
		ID, ExternalID, Status, Scope, Created, LastUpdated string
		Profile                                             json.RawMessage
	}
	k := c.orgCall("list app users", familyApps, http.MethodGet, "/apps/"+c.source+"/users",
		url.Values{"limit": {strconv.Itoa(appUsersPage)}})
	return func(yield func(AppUser, error) bool) {
		for u, err := range pages[wire](ctx, c, k) {
			user := AppUser{ID: u.ID, ExternalID: u.ExternalID, Status: u.Status, Scope: u.Scope, Profile: u.Profile,
				Created: readTime(u.Created), LastUpdated: readTime(u.LastUpdated)}
			if !yield(user, err) {
				return
			}
		}
	}
}
