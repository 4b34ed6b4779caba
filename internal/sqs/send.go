package sqs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Send implements batcher.Queue. A body that SQS would refuse is not sent, so that it takes no other along.
func (q *Queue) Send(ctx context.Context, bodies []string, delay time.Duration) (failed []int, err error) {
	parts, refused, err := q.pack(bodies)
	failed, callErr := inCalls(ctx, parts, func(ctx context.Context, part []int) ([]refusal, error) {
		in := &sqs.SendMessageBatchInput{QueueUrl: &q.url}
		for n, i := range part {
			in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{
				Id: id(n), MessageBody: &bodies[i], DelaySeconds: seconds(delay, maxDelay),
			})
		}
		out, err := q.client.SendMessageBatch(ctx, in)
		if err != nil {
			return nil, err
		}
		return refusals(part, out.Failed), nil
	})
	if callErr != nil {
		err = callErr
	}
	if err != nil {
		failed = append(failed, refused...)
		slices.Sort(failed)
		return failed, fmt.Errorf("send messages: %w", err)
	}
	return nil, nil
}

// pack splits bodies, in their order, into calls of at most ten and MaxCallBytes, and leaves out those that SQS takes
// in none.
func (q *Queue) pack(bodies []string) (parts [][]int, refused []int, err error) {
	size := 0
	for i, body := range bodies {
		if reason := q.refuse(body); reason != nil {
			refused, err = append(refused, i), reason
			continue
		}
		if len(parts) == 0 || len(parts[len(parts)-1]) == maxEntries || size+len(body) > q.MaxCallBytes {
			parts, size = append(parts, nil), 0
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], i)
		size += len(body)
	}
	return parts, refused, err
}

// refuse returns why SQS would not take a body: its length, or a character that XML 1.0 cannot hold.
func (q *Queue) refuse(body string) error {
	if len(body) == 0 || len(body) > q.MaxCallBytes {
		return fmt.Errorf("message of %d bytes, not 1 to %d", len(body), q.MaxCallBytes)
	}
	if !utf8.ValidString(body) {
		return errors.New("message that is not valid UTF-8")
	}
	for _, r := range body {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return fmt.Errorf("message with the character %U", r)
		}
	}
	return nil
}
