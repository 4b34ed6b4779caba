package dynamo

import (
	"context"
	"math"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/time/rate"
)

// pace keeps reads below a rate of units a second. What a read costs is known only afterwards, so each read waits for
// what those before it took.
type pace struct {
	limiter *rate.Limiter

	mu   sync.Mutex
	owed float64
}

// newPace returns a pace of unitsPerSecond; 0 is no limit.
func newPace(unitsPerSecond float64) *pace {
	if unitsPerSecond <= 0 {
		return &pace{}
	}
	return &pace{limiter: rate.NewLimiter(rate.Limit(unitsPerSecond), max(1, int(unitsPerSecond)))}
}

// wait waits until what was taken is paid.
func (p *pace) wait(ctx context.Context) error {
	if p.limiter == nil {
		return ctx.Err()
	}
	p.mu.Lock()
	whole := math.Floor(p.owed)
	p.owed -= whole
	p.mu.Unlock()
	for n := int(whole); n > 0; {
		part := min(n, p.limiter.Burst())
		if err := p.limiter.WaitN(ctx, part); err != nil {
			return err
		}
		n -= part
	}
	return ctx.Err()
}

// took notes what reads consumed.
func (p *pace) took(capacities ...*types.ConsumedCapacity) {
	if p.limiter == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range capacities {
		if c != nil {
			p.owed += aws.ToFloat64(c.CapacityUnits)
		}
	}
}
