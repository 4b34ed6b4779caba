package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rollcall/intent"
	"rollcall/internal/items"
)

// ItemsClient is what Items calls.
type ItemsClient interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// Items is the table behind the items API. It implements items.Table.
type Items struct {
	client ItemsClient
	table  string
	schema items.Schema
}

var (
	_ items.Table = (*Items)(nil)
	_ ItemsClient = (*dynamodb.Client)(nil)
)

// NewItems returns the table of this name whose partition key is a string attribute and which has no sort key.
func NewItems(client ItemsClient, table, partition string) *Items {
	return &Items{client, table, items.Schema{Partition: items.Attribute{Name: partition}}}
}

// PutItem implements items.Table.
func (i *Items) PutItem(ctx context.Context, item []byte) error {
	values, err := attributevalue.UnmarshalMapJSON(item)
	if err != nil {
		return fmt.Errorf("put item: %w", err)
	}
	if _, err := i.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &i.table, Item: values}); err != nil {
		return fmt.Errorf("put item: %w", err)
	}
	return nil
}

// GetItem implements items.Table.
func (i *Items) GetItem(ctx context.Context, key intent.Key) ([]byte, error) {
	values, err := attributes(key)
	if err != nil {
		return nil, fmt.Errorf("get item: %w", err)
	}
	out, err := i.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &i.table, Key: values, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("get item: %w", err)
	}
	if len(out.Item) == 0 {
		return nil, nil
	}
	return itemJSON(out.Item)
}

// DeleteItem implements items.Table.
func (i *Items) DeleteItem(ctx context.Context, key intent.Key) (found bool, err error) {
	values, err := attributes(key)
	if err != nil {
		return false, fmt.Errorf("delete item: %w", err)
	}
	out, err := i.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &i.table, Key: values, ReturnValues: types.ReturnValueAllOld})
	if err != nil {
		return false, fmt.Errorf("delete item: %w", err)
	}
	return len(out.Attributes) > 0, nil
}

// ScanItems implements items.Table. A page may be shorter than limit: DynamoDB ends pages after 1 MB.
func (i *Items) ScanItems(ctx context.Context, after intent.Key, limit int) (all [][]byte, last intent.Key, err error) {
	in := &dynamodb.ScanInput{TableName: &i.table, Limit: aws.Int32(int32(limit)), ConsistentRead: aws.Bool(true)}
	if after != "" {
		if in.ExclusiveStartKey, err = attributes(after); err != nil {
			return nil, "", fmt.Errorf("scan items: %w", err)
		}
	}
	out, err := i.client.Scan(ctx, in)
	if err != nil {
		return nil, "", fmt.Errorf("scan items: %w", err)
	}
	for _, item := range out.Items {
		body, err := itemJSON(item)
		if err != nil {
			return nil, "", fmt.Errorf("scan items: %w", err)
		}
		all = append(all, body)
	}
	if len(out.LastEvaluatedKey) > 0 {
		if last, err = keyOf(i.schema, out.LastEvaluatedKey); err != nil {
			return nil, "", fmt.Errorf("scan items: %w", err)
		}
	}
	return all, last, nil
}
