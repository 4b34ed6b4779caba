package sqs

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// fake is SQS as far as a test needs it: it keeps what it was asked and refuses the entries that it is told to.
type fake struct {
	mu         sync.Mutex
	sends      []*sqs.SendMessageBatchInput
	receives   []*sqs.ReceiveMessageInput
	deletes    []*sqs.DeleteMessageBatchInput
	changes    []*sqs.ChangeMessageVisibilityBatchInput
	messages   []types.Message
	attributes map[string]string
	// refuse says how an entry, by its body or receipt, is refused. It is given how often it was asked for before.
	refuse func(entry string, before int) *types.BatchResultErrorEntry
	asked  map[string]int
	// fail is the error of every call that holds this body or receipt.
	fail map[string]error
}

// entries decides over the entries of one call.
func (f *fake) entries(all []string) ([]types.BatchResultErrorEntry, error) {
	if f.asked == nil {
		f.asked = map[string]int{}
	}
	var failed []types.BatchResultErrorEntry
	for n, entry := range all {
		if err := f.fail[entry]; err != nil {
			return nil, err
		}
		if f.refuse != nil {
			if e := f.refuse(entry, f.asked[entry]); e != nil {
				e.Id = aws.String(strconv.Itoa(n))
				failed = append(failed, *e)
			}
		}
		f.asked[entry]++
	}
	slices.Reverse(failed) // their order is not promised
	return failed, nil
}

func (f *fake) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sends = append(f.sends, in)
	var all []string
	for _, e := range in.Entries {
		all = append(all, *e.MessageBody)
	}
	failed, err := f.entries(all)
	return &sqs.SendMessageBatchOutput{Failed: failed}, err
}

func (f *fake) ReceiveMessage(_ context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	f.receives = append(f.receives, in)
	return &sqs.ReceiveMessageOutput{Messages: f.messages}, f.fail["receive"]
}

func (f *fake) DeleteMessageBatch(_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deletes = append(f.deletes, in)
	var all []string
	for _, e := range in.Entries {
		all = append(all, *e.ReceiptHandle)
	}
	failed, err := f.entries(all)
	return &sqs.DeleteMessageBatchOutput{Failed: failed}, err
}

func (f *fake) ChangeMessageVisibilityBatch(_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes = append(f.changes, in)
	var all []string
	for _, e := range in.Entries {
		all = append(all, *e.ReceiptHandle)
	}
	failed, err := f.entries(all)
	return &sqs.ChangeMessageVisibilityBatchOutput{Failed: failed}, err
}

func (f *fake) GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	return &sqs.GetQueueAttributesOutput{Attributes: f.attributes}, f.fail["attributes"]
}
