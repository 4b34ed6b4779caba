package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/okta"
)

// token gets an access token, or finds that there is an API token, of which only a call tells whether Okta takes it.
func (e *examination) token(ctx context.Context) Finding {
	if e.Scopes != nil {
		scopes, err := e.Scopes(ctx)
		if err != nil {
			e.shut = "needs a token"
			return trouble(err)
		}
		if len(scopes) > 0 {
			e.scopes = scopes
			return ok("%s", strings.Join(scopes, ", "))
		}
	}
	if err := e.list(ctx); okta.IsUnauthorized(err) {
		e.shut = "needs a token that Okta takes"
		return trouble(err)
	}
	return ok("an API token, with the rights of the admin who made it; it dies after 30 days without use")
}

// list asks the identity source for its sessions, once: the one thing that any token of rollcall's may do.
func (e *examination) list(ctx context.Context) error {
	if !e.listed {
		e.sessions, e.listErr = e.Org.ListSessions(ctx)
		e.listed = true
	}
	return e.listErr
}

// granted tells whether scopes hold one; the one to manage holds the one to read.
func granted(scopes []string, scope string) bool {
	return slices.Contains(scopes, scope) || slices.Contains(scopes, strings.TrimSuffix(scope, ".read")+".manage")
}

// source checks that the identity source answers.
func (e *examination) source(ctx context.Context) Finding {
	if err := e.list(ctx); err != nil {
		e.shut = "needs an identity source that answers"
		return trouble(err)
	}
	return ok("%s answers", e.Config.Okta.IdentitySourceID)
}

// app checks that the identity source is one, and switched on.
func (e *examination) app(ctx context.Context) Finding {
	app, err := e.Org.GetApp(ctx)
	switch {
	case err != nil:
		return e.refused(err, okta.ScopeAppsRead)
	case app.Name != okta.AppName:
		return failed("set okta.identitySourceId to the ID of a Custom Identity Source app", "%s is a %s", app.ID, app.Name)
	case app.Status != "ACTIVE":
		return failed("activate the app in the Admin Console", "the app %q is %s", app.Label, app.Status)
	}
	return ok("the app %q is active", app.Label)
}

// refused is the finding of a call that failed. A 403 is no failure of the installation where it may be for want of a
// scope that only doctor needs.
func (e *examination) refused(err error, scope string) Finding {
	if okta.IsForbidden(err) {
		if e.scopes == nil {
			return unchecked("needs %s, or an API token of an admin who may read this", scope)
		}
		return unchecked("needs an admin role that may read this, besides %s", scope)
	}
	return trouble(err)
}

// trouble is the finding of an error of Okta's. Advice that the error ends with is not said twice.
func trouble(err error) Finding {
	advice := mend(err)
	return failed(advice, "%s", strings.TrimSuffix(err.Error(), ": "+advice))
}

// mend says what to do about an error of Okta's.
func mend(err error) string {
	if token, is := errors.AsType[*okta.TokenError](err); is && token.Advice != "" {
		return token.Advice
	}
	if _, is := errors.AsType[*okta.SourceError](err); is {
		if okta.Classify(err) == okta.Misconfigured {
			return "put credentials where the message says that there are none (docs/okta-setup.md, step 5)"
		}
		return "see that these AWS credentials may read the secret of okta.secretArn (docs/deploy.md), then try again"
	}
	switch {
	case okta.IsUnauthorized(err):
		return "give a new API token or private key, in the secret or the environment, wherever this one is from: Okta does not take it"
	case okta.IsForbidden(err):
		return "give the service app's admin role, or the API token's admin, rights on the app of the identity source (infra/okta)"
	case okta.IsNotFound(err):
		return "set okta.identitySourceId to the ID of the Custom Identity Source app in this org, 0oa…, and check okta.orgUrl"
	}
	switch okta.Classify(err) {
	case okta.Throttled, okta.Concurrency:
		return "try again in a minute: others have used up the rate limit"
	case okta.Unavailable:
		return "check okta.orgUrl and the way to it from this machine, then try again"
	}
	return "mend what the message names (docs/okta-setup.md)"
}

const (
	// maxSkew is the most that the clocks may differ: a third of the lease, by which runs on several machines keep apart.
	maxSkew = 30 * time.Second
	// maxLoading is the age up to which a session that was not triggered may be of a run: its longest duration.
	maxLoading = 15 * time.Minute
	// maxImport is the age above which a triggered session is taken to be stuck, as for the alarm.
	maxImport = time.Hour
)

// clock compares this machine's clock with Okta's.
func (e *examination) clock(context.Context) Finding {
	ahead, known := e.Org.Skew()
	switch {
	case !known:
		return unchecked("needs an answer of Okta's that tells the time")
	case ahead.Abs() > maxSkew:
		return failed("set this machine's clock by NTP", "Okta's clock is %v ahead of this machine's", ahead.Round(time.Second))
	}
	return ok("within %v of Okta's", maxSkew)
}

// stale looks for sessions that stand in the way.
func (e *examination) stale(context.Context) Finding {
	ahead, _ := e.Org.Skew()
	now := time.Now().Add(ahead)
	var stale []string
	active := 0
	for _, s := range e.sessions {
		if !s.Status.Active() {
			continue
		}
		active++
		since, most := s.Created, maxLoading
		if s.Status == okta.StatusTriggered {
			since, most = s.LastUpdated, maxImport
		}
		if age := now.Sub(since); age > most {
			stale = append(stale, fmt.Sprintf("%s has been %s for %v", s.ID, s.Status, age.Round(time.Minute)))
		}
	}
	if len(stale) > 0 {
		return failed("see that the flusher runs and is not paused: it cancels what was not triggered; Okta's support helps with a TRIGGERED one",
			"%s", strings.Join(stale, "\n"))
	}
	return ok("%s active, none stale", counted(active, "session is", "sessions are"))
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
