package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"rollcall/okta/oktasim"
)

// strangerID is the person in the sessions of somebody else.
const strangerID = "stranger"

// interfere lets somebody else use the same identity source just after a call, at the worst moment.
func (h *house) interfere(a *actor, t attempt, done bool) {
	switch {
	case !done:
	case h.closeNext && t.op == oktasim.OpBulkUpsert:
		h.closeNext, a.run.hit = false, true
		h.strange(http.MethodDelete, "/"+t.session, "")
	case h.squatNext && t.op == oktasim.OpList && !a.run.opened:
		h.squatNext = false
		if id := h.strangersSession(); id != "" {
			h.strange(http.MethodPost, "/"+id+"/bulk-upsert", strangersLoad)
		}
	case h.strangerNext && t.op == oktasim.OpList:
		h.strangerNext = false
		h.checks.forgiven[strangerID] = forgiveness{}
		id := h.strangersSession()
		if id == "" {
			return // no session can be opened now
		}
		h.strange(http.MethodPost, "/"+id+"/bulk-upsert", strangersLoad)
		h.strange(http.MethodPost, "/"+id+"/start-import", "")
	}
}

const strangersLoad = `{"entityType":"USERS","profiles":[{"externalId":"` + strangerID +
	`","profile":{"userName":"stranger@example.com","email":"stranger@example.com"}}]}`

// strangersSession opens a session, if one can be opened now.
func (h *house) strangersSession() string {
	var session struct{ ID string }
	if json.Unmarshal(h.strange(http.MethodPost, "", ""), &session) != nil {
		return ""
	}
	return session.ID
}

// strange makes a call of the sessions' API and returns the body of the answer.
func (h *house) strange(method, path, body string) []byte {
	h.faults.injected[faultStranger]++
	r, err := http.NewRequestWithContext(h.ctx, method, orgURL+"/api/v1/identity-sources/"+sourceID+"/sessions"+path, strings.NewReader(body))
	h.must(err)
	r.Header.Set("Authorization", "SSWS "+orgToken)
	response, err := h.org.Transport().RoundTrip(r)
	h.must(err)
	answer, err := io.ReadAll(response.Body)
	h.must(err)
	h.must(response.Body.Close())
	return answer
}
