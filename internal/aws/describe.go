package aws

import (
	"context"
	"fmt"

	"rollcall/internal/dynamo"
	"rollcall/internal/sqs"
)

// DescribeTable asks for the shape of the table.
func (p *Parts) DescribeTable(ctx context.Context) (dynamo.Shape, error) {
	return p.Table.Describe(ctx)
}

// DescribeControl asks for the shape of the control table.
func (p *Parts) DescribeControl(ctx context.Context) (dynamo.StoreShape, error) {
	return dynamo.DescribeStore(ctx, p.dynamo, p.Config.Control)
}

// DescribeQueues asks for the settings of the queues in use, by the names of the settings that hold their URLs.
func (p *Parts) DescribeQueues(ctx context.Context) (map[string]sqs.Shape, error) {
	shapes := map[string]sqs.Shape{}
	for _, q := range []struct {
		setting string
		queue   *sqs.Queue
	}{{"queue.intents", p.Intents}, {"queue.urgent", p.Urgent}} {
		if q.queue == nil {
			continue
		}
		shape, err := q.queue.Describe(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.setting, err)
		}
		shapes[q.setting] = shape
	}
	return shapes, nil
}
