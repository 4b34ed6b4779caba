package sqs

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// parallelCalls is how many batch calls are in progress at once: 4 of ten entries, at the 10 to 20 ms that SQS takes,
// are more than a flush can use.
const parallelCalls = 4

// entryPause is how long entries that SQS refused wait before they are sent once more.
const entryPause = 200 * time.Millisecond

// refusal is an entry that SQS refused in a call that succeeded.
type refusal struct {
	index         int // of the caller's slice
	code, message string
	// final means that the entry itself is wrong.
	final bool
}

// id names the n-th entry of a call.
func id(n int) *string { return aws.String(strconv.Itoa(n)) }

// refusals reads the failed entries of an answer to a call that held the entries of part.
func refusals(part []int, failed []types.BatchResultErrorEntry) []refusal {
	var all []refusal
	for _, f := range failed {
		n, err := strconv.Atoi(aws.ToString(f.Id))
		if err != nil || n < 0 || n >= len(part) {
			continue // not an entry of ours
		}
		all = append(all, refusal{part[n], aws.ToString(f.Code), aws.ToString(f.Message), f.SenderFault})
	}
	return all
}

// inTens splits the indexes below n into parts of ten.
func inTens(n int) [][]int {
	var parts [][]int
	for i := range n {
		if i%maxEntries == 0 {
			parts = append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], i)
	}
	return parts
}

// inCalls makes one call for each part, a few side by side, and one more for what was refused but may be taken. It
// returns the indexes that failed, sorted, and the first reason in order of the parts; there is a reason if and only
// if any failed. A part whose call failed fails as a whole, though SQS may have done it.
func inCalls(ctx context.Context, parts [][]int, call func(context.Context, []int) ([]refusal, error)) (failed []int, err error) {
	failures := make([][]int, len(parts))
	errs := make([]error, len(parts))
	slots := make(chan struct{}, parallelCalls)
	var calls sync.WaitGroup
	for p, part := range parts {
		slots <- struct{}{}
		calls.Go(func() {
			defer func() { <-slots }()
			failures[p], errs[p] = twice(ctx, part, call)
		})
	}
	calls.Wait()
	for p := range parts {
		failed = append(failed, failures[p]...)
		if err == nil {
			err = errs[p]
		}
	}
	slices.Sort(failed)
	return failed, err
}

// twice makes the call and, after a moment, another for the entries that were refused through no fault of theirs.
func twice(ctx context.Context, part []int, call func(context.Context, []int) ([]refusal, error)) (failed []int, err error) {
	refused, err := call(ctx, part)
	if err != nil {
		return part, err
	}
	var again []int
	for _, r := range refused {
		if r.final {
			failed, err = append(failed, r.index), r.err()
		} else {
			again = append(again, r.index)
		}
	}
	if len(again) == 0 {
		return failed, err
	}
	select {
	case <-ctx.Done():
		return append(failed, again...), ctx.Err()
	case <-time.After(entryPause):
	}
	refused, callErr := call(ctx, again)
	if callErr != nil {
		return append(failed, again...), callErr
	}
	for _, r := range refused {
		failed, err = append(failed, r.index), r.err()
	}
	return failed, err
}

func (r refusal) err() error { return fmt.Errorf("an entry was refused: %s: %s", r.code, r.message) }
