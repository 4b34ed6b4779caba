package sim

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"rollcall/okta/oktasim"
)

// process is one process of the flusher, which may serve several invocations, one after the other: what it knows of the
// rate limit it keeps.
type process struct {
	house *house
	actor *actor // of the invocation in hand, which began then
	began time.Time
	// deletes are the latest calls that take somebody out, by when they were made.
	deletes []time.Time
}

// attempt is one attempt at a call of Okta.
type attempt struct {
	op string
	// session is that of a call of a session, person that of a call of a user.
	session, person string
	body            []byte
	// made is when the attempt was made.
	made time.Time
}

// RoundTrip implements http.RoundTripper: the attempt passes the gate and is then served by the simulated org.
func (p *process) RoundTrip(r *http.Request) (*http.Response, error) {
	a := p.actor
	t, err := readAttempt(r)
	if err != nil {
		return nil, err
	}
	t.made = time.Now()
	label := a.name + " okta." + t.op
	if t.session+t.person != "" {
		label += " " + t.session + t.person
	}
	if len(t.body) > 0 {
		hash := fnv.New32a()
		hash.Write(t.body)
		label += fmt.Sprintf(" %08x", hash.Sum32())
	}
	if t.op == oktasim.OpUserDelete {
		p.deletes = append(p.deletes[max(0, len(p.deletes)-urgentPerMinute):], time.Now())
	}
	v := p.house.gate.pass(a, label)
	if v.fault == faultDelay {
		p.house.checks.faulted(a, label, v)
		if err := sleep(r.Context(), v.wait); err != nil {
			return nil, err
		}
		v = p.house.gate.pass(a, label+" (late)")
	}
	if v.fault == faultDead {
		return nil, errKilled
	}
	if v.fault != faultNone {
		p.house.checks.faulted(a, label, v)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return p.serve(r, t, v)
}

// serve lets the org answer, well or badly.
func (p *process) serve(r *http.Request, t attempt, v verdict) (*http.Response, error) {
	if v.fault == faultKillBefore {
		p.actor.kill()
		return nil, errKilled
	}
	if f, bad := orgFault(t.op, v); bad {
		if err := p.house.org.Fault(f); err != nil {
			return nil, err
		}
		v.wait = 500 * time.Millisecond
	}
	p.house.checks.calling(p.actor, t)
	if t.op == oktasim.OpUserDelete {
		p.house.checks.takingOut(p, t.person)
	}
	r.Body = io.NopCloser(bytes.NewReader(t.body))
	response, err := p.house.org.Transport().RoundTrip(r)
	p.house.checks.called(p.actor, t, response, v)
	p.house.interfere(p.actor, t, response != nil && response.StatusCode < 300)
	if v.fault == faultKillAfter {
		p.actor.kill()
		return nil, errKilled
	}
	if err := sleep(r.Context(), v.wait); err != nil {
		return nil, err
	}
	return response, err
}

// orgFault is the order to the simulated org that makes a fault.
func orgFault(op string, v verdict) (oktasim.Fault, bool) {
	f := oktasim.Fault{Op: op, Count: 1}
	switch v.fault {
	case faultThrottled:
		f.Status = http.StatusTooManyRequests
	case faultUnavailable:
		f.Status = []int{http.StatusInternalServerError, http.StatusServiceUnavailable}[v.wait%2]
	case faultPage:
		f.Status = http.StatusBadGateway
	case faultDropBefore:
		f.Drop = "before"
	case faultDropAfter:
		f.Drop = "after"
	case faultDropMiddle:
		f.Drop = "middle"
	case faultDropLate:
		f.Drop, f.Delay = "late", oktasim.Duration(v.wait)
	default:
		return f, false
	}
	return f, true
}

// readAttempt takes a request apart: …/sessions, …/sessions/{id}, …/sessions/{id}/bulk-upsert,
// …/users/{externalId}, …/logs.
func readAttempt(r *http.Request) (attempt, error) {
	var t attempt
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return t, err
		}
		t.body = body
	}
	if _, person, ok := strings.Cut(r.URL.Path, "/users/"); ok && r.Method == http.MethodDelete {
		t.op, t.person = oktasim.OpUserDelete, person
		return t, nil
	}
	_, rest, ok := strings.Cut(r.URL.Path, "/sessions")
	session, last := path.Split(strings.TrimPrefix(rest, "/"))
	switch {
	case !ok && strings.HasSuffix(r.URL.Path, "/logs"):
		t.op = oktasim.OpLogs
	case !ok:
		return t, fmt.Errorf("sim: nobody should call %s %s", r.Method, r.URL.Path)
	case rest == "" && r.Method == http.MethodPost:
		t.op = oktasim.OpCreate
	case rest == "":
		t.op = oktasim.OpList
	case session == "" && r.Method == http.MethodDelete:
		t.op, t.session = oktasim.OpCancel, last
	case session == "":
		t.op, t.session = oktasim.OpGet, last
	default:
		t.op, t.session = last, strings.TrimSuffix(session, "/")
	}
	return t, nil
}
