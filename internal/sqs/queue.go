// Package sqs is the queue on Amazon SQS.
//
// Client lists the calls, which is also what a role must allow. Calls that fail are retried by the SDK's client;
// entries that SQS refuses within a call that succeeds are asked for once more here. No type of the SDK leaves this
// package.
package sqs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rollcall/batcher"
)

// Client is what Queue calls.
type Client interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// Limits of SQS: entries of a batch call, bytes of a message and of all of a call's, the longest wait, delay and
// visibility timeout.
const (
	maxEntries    = 10
	maxCallBytes  = 1 << 20
	maxWait       = 20 * time.Second
	maxDelay      = 15 * time.Minute
	maxVisibility = 12 * time.Hour
)

// Options are a queue's settings.
type Options struct {
	// MaxCallBytes is the most that one send call may hold; 1 MiB if zero. Servers that speak SQS's protocol may stop
	// at 256 KiB.
	MaxCallBytes int
}

// Queue is a standard queue of SQS. It implements batcher.Queue and is safe for concurrent use.
type Queue struct {
	client Client
	url    string
	Options
}

var (
	_ batcher.Queue = (*Queue)(nil)
	_ Client        = (*sqs.Client)(nil)
)

// New returns the queue of this URL. It refuses a FIFO queue: SQS would hold back everybody behind a person whose
// intent is in work, and drop repeated intents as duplicates.
func New(client Client, queueURL string, options Options) (*Queue, error) {
	u, err := url.Parse(queueURL)
	if err != nil || u.Host == "" {
		return nil, errors.New("the queue's URL is not a URL")
	}
	if strings.HasSuffix(u.Path, ".fifo") {
		return nil, fmt.Errorf("queue %s is a FIFO queue: a standard queue is needed", name(queueURL))
	}
	if options.MaxCallBytes == 0 {
		options.MaxCallBytes = maxCallBytes
	}
	return &Queue{client, queueURL, options}, nil
}

// name returns the queue's name, the last part of its URL.
func name(queueURL string) string { return queueURL[strings.LastIndexByte(queueURL, '/')+1:] }

// Receive implements batcher.Queue. SQS waits in whole seconds: a shorter wait is one of a second.
func (q *Queue) Receive(ctx context.Context, wait time.Duration) ([]batcher.Received, error) {
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &q.url, MaxNumberOfMessages: maxEntries, WaitTimeSeconds: seconds(wait, maxWait),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{
			types.MessageSystemAttributeNameApproximateReceiveCount, types.MessageSystemAttributeNameSentTimestamp,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("receive messages: %w", err)
	}
	messages := make([]batcher.Received, 0, len(out.Messages))
	for _, m := range out.Messages {
		r := batcher.Received{Body: aws.ToString(m.Body), Receipt: aws.ToString(m.ReceiptHandle), Count: 1}
		if n, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)]); err == nil {
			r.Count = n
		}
		if ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64); err == nil {
			r.Sent = time.UnixMilli(ms)
		}
		messages = append(messages, r)
	}
	return messages, nil
}

// Delete implements batcher.Queue.
func (q *Queue) Delete(ctx context.Context, receipts []string) error {
	_, err := inCalls(ctx, inTens(len(receipts)), func(ctx context.Context, part []int) ([]refusal, error) {
		in := &sqs.DeleteMessageBatchInput{QueueUrl: &q.url}
		for n, i := range part {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: id(n), ReceiptHandle: &receipts[i]})
		}
		out, err := q.client.DeleteMessageBatch(ctx, in)
		if err != nil {
			return nil, err
		}
		return stillThere(refusals(part, out.Failed)), nil
	})
	if err != nil {
		return fmt.Errorf("delete messages: %w", err)
	}
	return nil
}

// Postpone implements batcher.Queue.
func (q *Queue) Postpone(ctx context.Context, receipts []string, d time.Duration) error {
	_, err := inCalls(ctx, inTens(len(receipts)), func(ctx context.Context, part []int) ([]refusal, error) {
		in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url}
		for n, i := range part {
			in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
				Id: id(n), ReceiptHandle: &receipts[i], VisibilityTimeout: seconds(d, maxVisibility),
			})
		}
		out, err := q.client.ChangeMessageVisibilityBatch(ctx, in)
		if err != nil {
			return nil, err
		}
		return stillThere(refusals(part, out.Failed)), nil
	})
	if err != nil {
		return fmt.Errorf("postpone messages: %w", err)
	}
	return nil
}

// stillThere leaves out the refusals of messages that are gone: deleted, given back, or with another receiver by now.
func stillThere(all []refusal) (left []refusal) {
	for _, r := range all {
		switch code := r.code[strings.LastIndexByte(r.code, '.')+1:]; code {
		case "ReceiptHandleIsInvalid", "MessageNotInflight":
		case "InvalidParameterValue", "InvalidParameterValueException":
			// SQS has no code of its own for a message that was deleted, nor for a receipt that is too old.
			if !strings.Contains(r.message, "does not exist") && !strings.Contains(r.message, "expired") {
				left = append(left, r)
			}
		default:
			left = append(left, r)
		}
	}
	return left
}

// seconds returns d in whole seconds, rounded up, at most limit.
func seconds(d, limit time.Duration) int32 {
	d = min(max(d, 0), limit)
	return int32((d + time.Second - 1) / time.Second)
}
