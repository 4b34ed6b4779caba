package okta

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// maxTries is how often a call is tried at most.
const maxTries = 5

// do makes a call, and repeats it where that may help and cannot do harm.
func (c *Client) do(ctx context.Context, k call) (answer, error) {
	var (
		ans       answer
		failure   error // of the latest try that was made; backoff drops it when the context ends
		ambiguous bool  // an earlier try may have had its effect
	)
	policy := c.newPolicy(ctx)
	try := func() error {
		got, err := c.attempt(ctx, k)
		var (
			throttled *ThrottledError
			api       *APIError
		)
		if errors.As(err, &throttled) && throttled.Err == nil {
			throttled.Err = failure
		}
		if errors.As(err, &api) {
			api.Repeated = ambiguous
		}
		ans, failure, ambiguous = got, err, ambiguous || Ambiguous(err)
		if err != nil && !worthRepeating(k, err) {
			return backoff.Permanent(err)
		}
		policy.paced = Classify(err) == Throttled && c.pacer.full(k.family, c.terms)
		return err
	}
	err := backoff.Retry(try, backoff.WithContext(policy, ctx))
	if err != nil && failure != nil && !errors.Is(failure, err) {
		err = fmt.Errorf("%w (%w)", failure, err)
	}
	return ans, err
}

// worthRepeating tells whether the call may be tried again after this error: time can mend it, and either a repetition
// is harmless or Okta did not act on this try.
func worthRepeating(k call, err error) bool {
	if _, held := errors.AsType[*ThrottledError](err); held {
		return false
	}
	switch Classify(err) {
	case Throttled, Concurrency:
		return true
	case Unavailable:
		return k.repeatable || !Ambiguous(err)
	}
	return false
}

// policy says how long to wait before the next try: not at all where the pacer holds it back till the window ends; else
// doubling, with jitter. It stops when the wait would pass the deadline.
type policy struct {
	backoff.ExponentialBackOff
	ctx    context.Context
	jitter func() float64
	paced  bool
	// most is how many tries there are, tries how many there were.
	most, tries int
}

func (c *Client) newPolicy(ctx context.Context) *policy {
	p := &policy{ctx: ctx, jitter: c.jitter, most: c.terms.tries(), ExponentialBackOff: backoff.ExponentialBackOff{
		InitialInterval:     500 * time.Millisecond,
		Multiplier:          2,
		MaxInterval:         10 * time.Second,
		MaxElapsedTime:      0, // the context's deadline ends it
		RandomizationFactor: 0, // its source is global; jitter is ours
		Clock:               backoff.SystemClock,
	}}
	p.Reset()
	return p
}

// NextBackOff returns the wait before the next try, or backoff.Stop.
func (p *policy) NextBackOff() time.Duration {
	if p.tries++; p.tries >= p.most {
		return backoff.Stop
	}
	if p.paced {
		return 0
	}
	wait := p.ExponentialBackOff.NextBackOff()
	wait = wait/2 + time.Duration(p.jitter()*float64(wait/2))
	if deadline, ok := p.ctx.Deadline(); ok && time.Until(deadline) < wait {
		return backoff.Stop
	}
	return wait
}
