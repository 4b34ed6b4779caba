package oktasim

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// appName is the key of the Custom Identity Source app, of whose instance an identity source has its id.
const appName = "custom_identity_source"

func (s *Server) getApp(*call) (*answer, *refusal) {
	return answerJSON(http.StatusOK, map[string]any{
		"id": s.config.IdentitySourceID, "name": appName, "label": "Custom Identity Source", "status": "ACTIVE",
		"features": []string{"IMPORT_NEW_USERS", "IMPORT_PROFILE_UPDATES", "PROFILE_MASTERING"},
	}), nil
}

// appUser is one of the app's users: a person whom the org has from the source.
type appUser struct {
	ID          string            `json:"id"`
	ExternalID  string            `json:"externalId"`
	Status      string            `json:"status"`
	Scope       string            `json:"scope"`
	Profile     map[string]string `json:"profile"`
	Created     string            `json:"created"`
	LastUpdated string            `json:"lastUpdated"`
}

// listAppUsers answers a page of the app's users, by default 50 and at most 500, in order of externalId.
func (s *Server) listAppUsers(c *call) (*answer, *refusal) {
	limit, refused := c.limit(50, 500)
	if refused != nil {
		return nil, refused
	}
	ids := s.externalIDs()
	if after := c.query.Get("after"); after != "" {
		last, err := base64.RawURLEncoding.DecodeString(after)
		if err != nil {
			return nil, invalid("after", "after: The cursor is not valid")
		}
		first, found := slices.BinarySearch(ids, string(last))
		if found {
			first++
		}
		ids = ids[first:]
	}
	next := ""
	if len(ids) > limit {
		ids = ids[:limit]
		next = base64.RawURLEncoding.EncodeToString([]byte(ids[limit-1]))
	}
	users := make([]appUser, 0, len(ids))
	for _, id := range ids {
		u := s.users[id]
		users = append(users, appUser{u.ID, u.ExternalID, u.Status, "USER", u.Profile, oktaTime(u.Created), oktaTime(u.LastUpdated)})
	}
	a := answerJSON(http.StatusOK, users)
	c.link(a, next)
	return a, nil
}

// limit is the number that the query asks for, standard if none.
func (c *call) limit(standard, most int) (int, *refusal) {
	text := c.query.Get("limit")
	if text == "" {
		return standard, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 {
		return 0, invalid("limit", "limit: The value must be a number from 1 to "+strconv.Itoa(most))
	}
	return min(limit, most), nil
}

// link adds the Link headers of a list: the page itself and, if there is one, the next.
func (c *call) link(a *answer, next string) {
	address := func(query url.Values) string {
		return (&url.URL{Scheme: c.scheme, Host: c.host, Path: c.path, RawQuery: query.Encode()}).String()
	}
	a.header.Add("Link", "<"+address(c.query)+`>; rel="self"`)
	if next == "" {
		return
	}
	query := maps.Clone(c.query)
	query.Set("after", next)
	a.header.Add("Link", "<"+address(query)+`>; rel="next"`)
}
