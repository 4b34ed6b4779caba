package okta

import (
	"context"
	"net/http"
	"testing"
	"time"
)

func TestClockSkew(t *testing.T) {
	for _, ahead := range []time.Duration{2 * time.Hour, -2 * time.Hour} {
		withOrg(t, func(o *fakeOrg) {
			o.ahead, o.dpop = ahead, true
			c, _ := o.dial(Static(o.app("kid1", ecKey)))
			o.list(c, "token 401, token 400, token 200, api 200") // the first tells the time
			if got, known := c.Skew(); !known || (got-ahead).Abs() > time.Second {
				o.t.Errorf("skew %v, %v", got, known)
			}
		})
	}
}

// TestProofsFollowOktasClock: what calls tell of the time is heeded too, not only what the token endpoint does.
func TestProofsFollowOktasClock(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		o.dpop = true
		c, a := o.dial(Static(o.app("kid1", ecKey)))
		o.list(c, "token 400, token 200, api 200")
		for range 5 { // our clock drifts, by less each time than a proof may be off
			o.set(func() { o.ahead += 4 * time.Second })
			o.list(c, "api 200")
		}
		ours, _ := c.Skew()
		if theirs, _ := a.clock().get(); ours != theirs || (ours-20*time.Second).Abs() > time.Second {
			o.t.Errorf("skew %v and %v", ours, theirs)
		}
	})
}

// slowly authorizes after a while, as one that fetches a token does.
type slowly struct{ Authorizer }

func (s slowly) Authorize(ctx context.Context, req *http.Request) error {
	time.Sleep(20 * time.Second)
	return s.Authorizer.Authorize(ctx, req)
}

// TestTheSkewIsThatOfTheCall, and not of what went before it.
func TestTheSkewIsThatOfTheCall(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		o.apiTokens = []string{"token1"}
		c, err := New(Config{OrgURL: testOrg, IdentitySourceID: testSource, Authorizer: slowly{SSWS("token1")}, Transport: o})
		if err != nil {
			o.t.Fatal(err)
		}
		o.list(c, "api 200")
		if skew, known := c.Skew(); !known || skew.Abs() > time.Second {
			o.t.Errorf("skew %v, %v", skew, known)
		}
	})
}

// TestASlowAnswerTellsNoTime that a quick one has not told better: it may be old by as much as it took.
func TestASlowAnswerTellsNoTime(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		o.apiTokens = []string{"token1"}
		c, err := New(Config{OrgURL: testOrg, IdentitySourceID: testSource, Authorizer: SSWS("token1"), Transport: o})
		if err != nil {
			o.t.Fatal(err)
		}
		o.list(c, "api 200")
		quick := c.transport
		c.transport = roundTrip(func(req *http.Request) (*http.Response, error) {
			resp, err := quick.RoundTrip(req)
			time.Sleep(20 * time.Second)
			return resp, err
		})
		for _, ahead := range []time.Duration{0, time.Minute} {
			o.set(func() { o.ahead = ahead })
			o.list(c, "api 200")
			if skew, known := c.Skew(); !known || (skew-ahead).Abs() > 11*time.Second || ahead == 0 && skew.Abs() > time.Second {
				o.t.Errorf("skew %v, %v, want %v", skew, known, ahead)
			}
		}
	})
}
