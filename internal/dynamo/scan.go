package dynamo

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rollcall/intent"
)

// scanSegments is how many parts of the table Scan reads side by side.
const scanSegments = 4

// Scan hands every item of the table, as DynamoDB JSON, to page, which is called by one goroutine at a time. Items
// that are written meanwhile may be missed, or handed over as they were. The first error ends the scan.
func (t *Table) Scan(ctx context.Context, page func(items [][]byte) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var segments sync.WaitGroup
	for segment := range scanSegments {
		segments.Go(func() {
			err := t.scanSegment(ctx, segment, func(items [][]byte) error {
				mu.Lock()
				defer mu.Unlock()
				if err := context.Cause(ctx); err != nil {
					return err
				}
				return page(items)
			})
			if err != nil {
				cancel(err) // the first one stays the cause
			}
		})
	}
	segments.Wait()
	return context.Cause(ctx)
}

func (t *Table) scanSegment(ctx context.Context, segment int, page func([][]byte) error) error {
	for after := intent.Key(""); ; {
		items, last, err := t.ScanPage(ctx, segment, scanSegments, after)
		if err != nil {
			return err
		}
		if len(items) > 0 {
			if err := page(items); err != nil {
				return fmt.Errorf("scan table %s: %w", t.options.Name, err)
			}
		}
		if after = last; last == "" {
			return nil
		}
	}
}

// ScanPage reads a page, of at most 1 MB, of one of the segments in which a table is read side by side: the items after
// this key, as DynamoDB JSON, and the key to go on after, empty at the segment's end. Of an item that is written
// meanwhile either state may be read, or none.
func (t *Table) ScanPage(ctx context.Context, segment, segments int, after intent.Key) (items [][]byte, last intent.Key, err error) {
	items, last, err = t.scanPage(ctx, segment, segments, after)
	if err != nil {
		return nil, "", fmt.Errorf("scan table %s: %w", t.options.Name, err)
	}
	return items, last, nil
}

func (t *Table) scanPage(ctx context.Context, segment, segments int, after intent.Key) (items [][]byte, last intent.Key, err error) {
	shape, err := t.shape(ctx)
	if err != nil {
		return nil, "", err
	}
	in := &dynamodb.ScanInput{
		TableName: &t.options.Name, Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(int32(segments)),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}
	if len(t.options.Attributes) > 0 {
		if names, projection := project(shape.Schema, t.options.Attributes); projection != "" {
			in.ExpressionAttributeNames, in.ProjectionExpression = names, &projection
		}
	}
	if after != "" {
		if in.ExclusiveStartKey, err = attributes(after); err != nil {
			return nil, "", err
		}
	}
	if err := t.pace.wait(ctx); err != nil {
		return nil, "", err
	}
	out, err := t.client.Scan(ctx, in)
	if err != nil {
		return nil, "", err
	}
	t.pace.took(out.ConsumedCapacity)
	items = make([][]byte, 0, len(out.Items))
	for _, item := range out.Items {
		body, err := itemJSON(item)
		if err != nil {
			return nil, "", err
		}
		items = append(items, body)
	}
	if len(out.LastEvaluatedKey) > 0 {
		if last, err = keyOf(shape.Schema, out.LastEvaluatedKey); err != nil {
			return nil, "", err
		}
	}
	return items, last, nil
}
