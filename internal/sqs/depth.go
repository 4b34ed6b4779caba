package sqs

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Depth returns about how many messages can be received now and how many cannot yet, being in work or delayed, and
// a negative age of the oldest: SQS does not tell it. CloudWatch does; see package cloudwatch.
func (q *Queue) Depth(ctx context.Context) (visible, hidden int64, oldest time.Duration, err error) {
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
	}})
	if err != nil {
		return 0, 0, 0, fmt.Errorf("count messages: %w", err)
	}
	count := func(name types.QueueAttributeName) (n int64) {
		if err == nil {
			n, err = strconv.ParseInt(out.Attributes[string(name)], 10, 64)
		}
		return n
	}
	visible = count(types.QueueAttributeNameApproximateNumberOfMessages)
	hidden = count(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible) + count(types.QueueAttributeNameApproximateNumberOfMessagesDelayed)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("count messages: %w", err)
	}
	return visible, hidden, -1, nil
}
