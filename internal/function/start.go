package function

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// Raw makes a handler of a function that takes the payload as it came and returns the answer's bytes.
type Raw func(ctx context.Context, payload []byte) ([]byte, error)

// Invoke implements lambda.Handler.
func (f Raw) Invoke(ctx context.Context, payload []byte) ([]byte, error) { return f(ctx, payload) }

// patience is how long an invocation may take to end after SIGTERM: Lambda kills 500 ms after it.
const patience = 400 * time.Millisecond

// StartInterruptible serves invocations of a handler that must end cleanly: on SIGTERM the invocation in hand has its
// context cancelled and a moment to return, and the process then ends by exit (os.Exit), with code 0. It does not
// return.
func StartInterruptible(handler lambda.Handler, exit func(code int)) {
	base, cancel := context.WithCancel(context.Background())
	i := &interruptible{Handler: handler, inHand: make(chan struct{}, 1)}
	lambda.StartWithOptions(i, lambda.WithContext(base), lambda.WithEnableSIGTERM(func() {
		cancel()
		i.wait(patience)
		exit(0)
	}))
}

// interruptible knows whether an invocation is in hand.
type interruptible struct {
	lambda.Handler
	// inHand holds one while there is one. Lambda hands a process one at a time.
	inHand chan struct{}
}

// Invoke implements lambda.Handler.
func (i *interruptible) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	i.inHand <- struct{}{}
	defer func() { <-i.inHand }()
	return i.Handler.Invoke(ctx, payload)
}

// wait returns when no invocation is in hand, or after d; the next one would wait for ever.
func (i *interruptible) wait(d time.Duration) {
	select {
	case i.inHand <- struct{}{}:
	case <-time.After(d):
	}
}
