package function

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// Raw makes a handler of a function that takes the payload as it came and returns the answer's bytes.
type Raw func(ctx context.Context, payload []byte) ([]byte, error)

// Invoke implements lambda.Handler.
func (f Raw) Invoke(ctx context.Context, payload []byte) ([]byte, error) { return f(ctx, payload) }

// patience is how long an invocation may take to end after SIGTERM: Lambda kills 500 ms after it.
const patience = 400 * time.Millisecond

// StartInterruptible serves invocations of a handler that must end cleanly: on SIGTERM those in hand have their context
// cancelled and a moment to return and to be answered, and the process then ends by exit (os.Exit), with code 0. It does
// not return.
func StartInterruptible(handler lambda.Handler, exit func(code int)) {
	told, tell := context.WithCancel(context.Background())
	i := &interruptible{Handler: handler, told: told}
	lambda.StartWithOptions(i, lambda.WithEnableSIGTERM(func() {
		tell()
		i.wait(patience)
		exit(0)
	}))
}

// interruptible knows the invocations in hand. Lambda hands a process one at a time, unless it is told otherwise.
type interruptible struct {
	lambda.Handler
	// told is over when the process was told to end.
	told context.Context

	mu sync.Mutex
	// inHand are the contexts of the invocations in hand, as aws-lambda-go made them: it cancels an invocation's when
	// Lambda has taken its answer.
	inHand []context.Context
}

// Invoke implements lambda.Handler.
func (i *interruptible) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	i.mu.Lock()
	i.inHand = append(slices.DeleteFunc(i.inHand, func(c context.Context) bool { return c.Err() != nil }), ctx)
	i.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(i.told, cancel)()
	return i.Handler.Invoke(ctx, payload)
}

// wait returns when the invocations in hand are answered, or after d.
func (i *interruptible) wait(d time.Duration) {
	end := time.After(d)
	i.mu.Lock()
	inHand := i.inHand
	i.mu.Unlock()
	for _, invocation := range inHand {
		select {
		case <-invocation.Done():
		case <-end:
			return
		}
	}
}
