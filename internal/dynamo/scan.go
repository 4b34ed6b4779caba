package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rollcall/intent"
	"rollcall/internal/scan"
)

var _ scan.Pages = (*Table)(nil)

// ScanPage implements scan.Pages. A page is of at most 1 MB.
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
