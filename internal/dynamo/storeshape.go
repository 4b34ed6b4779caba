package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rollcall/internal/items"
)

// StoreDescriber is what DescribeStore calls.
type StoreDescriber interface {
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error)
}

var _ StoreDescriber = (*dynamodb.Client)(nil)

// StoreShape is what DynamoDB tells about a control table.
type StoreShape struct {
	Schema items.Schema
	// TimeToLive is the attribute by which entries expire, empty if they do not.
	TimeToLive string
}

// WantedStore is the shape that a control table must have.
func WantedStore() StoreShape {
	text := string(types.ScalarAttributeTypeS)
	return StoreShape{
		Schema:     items.Schema{Partition: items.Attribute{Name: attributeKind, Type: text}, Sort: items.Attribute{Name: attributeID, Type: text}},
		TimeToLive: attributeExpires,
	}
}

// DescribeStore asks for the shape of the control table of this name.
func DescribeStore(ctx context.Context, client StoreDescriber, table string) (StoreShape, error) {
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err == nil && out.Table == nil {
		err = errors.New("the answer holds no table")
	}
	if err != nil {
		return StoreShape{}, fmt.Errorf("describe control table %s: %w", table, err)
	}
	shape := StoreShape{Schema: schema(out.Table.KeySchema, kindsOf(out.Table))}
	life, err := client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	if err != nil {
		return StoreShape{}, fmt.Errorf("describe time to live of %s: %w", table, err)
	}
	if d := life.TimeToLiveDescription; d != nil {
		switch d.TimeToLiveStatus {
		case types.TimeToLiveStatusEnabled, types.TimeToLiveStatusEnabling:
			shape.TimeToLive = aws.ToString(d.AttributeName)
		case types.TimeToLiveStatusDisabled, types.TimeToLiveStatusDisabling:
		}
	}
	return shape, nil
}

// kindsOf returns the types of a table's key attributes.
func kindsOf(table *types.TableDescription) map[string]string {
	kinds := map[string]string{}
	for _, a := range table.AttributeDefinitions {
		kinds[aws.ToString(a.AttributeName)] = string(a.AttributeType)
	}
	return kinds
}
