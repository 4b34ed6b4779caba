package sqs

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Shape is what SQS tells about a queue's settings.
type Shape struct {
	FIFO bool
	// Visibility is how long a received message stays hidden, Retention how long any is kept.
	Visibility, Retention time.Duration
	// DeadLetters means that messages are moved to another queue once they were received often enough.
	DeadLetters bool
}

// Describe asks for the queue's settings.
func (q *Queue) Describe(ctx context.Context) (Shape, error) {
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return Shape{}, fmt.Errorf("describe queue: %w", err)
	}
	span := func(name types.QueueAttributeName) (d time.Duration) {
		if err == nil {
			var seconds int64
			seconds, err = strconv.ParseInt(out.Attributes[string(name)], 10, 64)
			d = time.Duration(seconds) * time.Second
		}
		return d
	}
	shape := Shape{
		FIFO:        out.Attributes[string(types.QueueAttributeNameFifoQueue)] == "true",
		Visibility:  span(types.QueueAttributeNameVisibilityTimeout),
		Retention:   span(types.QueueAttributeNameMessageRetentionPeriod),
		DeadLetters: out.Attributes[string(types.QueueAttributeNameRedrivePolicy)] != "",
	}
	if err != nil {
		return Shape{}, fmt.Errorf("describe queue: %w", err)
	}
	return shape, nil
}
