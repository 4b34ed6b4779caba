// Package dynamo is the table and the control table on DynamoDB.
//
// Every type lists the calls that it makes in an interface of its own, which is also the list of what its role must
// allow. Throttled and failed calls are retried by the SDK's client; what DynamoDB leaves unprocessed is asked again
// here. No type of the SDK leaves this package.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/items"
)

// TableClient is what Table calls.
type TableClient interface {
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
}

// TableOptions describe the table that is read.
type TableOptions struct {
	Name string
	// ExternalIDIndex names the secondary index whose partition key is the externalId. Where it is empty, the
	// externalId is the table's partition key.
	ExternalIDIndex string
	// Attributes are those that are read, besides the key; all if empty.
	Attributes []string
	// ReadRate is the most read units a second that are taken; 0 is no limit.
	ReadRate float64
}

// Table reads the items of a table. It implements batcher.Table and is safe for concurrent use.
type Table struct {
	client  TableClient
	options TableOptions
	pace    *pace

	mu     sync.Mutex
	shaped *Shape
}

var (
	_ batcher.Table = (*Table)(nil)
	_ TableClient   = (*dynamodb.Client)(nil)
)

// NewTable returns the table. Nothing is called before the first read.
func NewTable(client TableClient, options TableOptions) *Table {
	return &Table{client: client, options: options, pace: newPace(options.ReadRate)}
}

// Shape is what DynamoDB tells about a table.
type Shape struct {
	ARN    string
	Schema items.Schema
	// Index is the externalId attribute: the partition key of the index that TableOptions names.
	Index items.Attribute
	// Items is about how many items there are, as of up to six hours ago.
	Items int64
	// StreamARN and StreamView are empty where the table has no stream.
	StreamARN, StreamView string
}

// MissingIndexError says that the table lacks the index that TableOptions names.
type MissingIndexError struct{ Table, Index string }

func (e *MissingIndexError) Error() string {
	return fmt.Sprintf("table %s has no global secondary index %s", e.Table, e.Index)
}

// Describe asks for the table's shape. Where only the index is missing it returns the rest, with a *MissingIndexError.
func (t *Table) Describe(ctx context.Context) (Shape, error) {
	out, err := t.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.options.Name})
	if err != nil {
		return Shape{}, fmt.Errorf("describe table %s: %w", t.options.Name, err)
	}
	if out.Table == nil {
		return Shape{}, fmt.Errorf("describe table %s: the answer holds no table", t.options.Name)
	}
	kinds := kindsOf(out.Table)
	shape := Shape{ARN: aws.ToString(out.Table.TableArn), Items: aws.ToInt64(out.Table.ItemCount), StreamARN: aws.ToString(out.Table.LatestStreamArn)}
	shape.Schema = schema(out.Table.KeySchema, kinds)
	if spec := out.Table.StreamSpecification; spec != nil {
		shape.StreamView = string(spec.StreamViewType)
	}
	if t.options.ExternalIDIndex != "" {
		if shape.Index, err = t.index(out.Table, kinds); err != nil {
			return shape, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shaped = &shape
	return shape, nil
}

func (t *Table) index(table *types.TableDescription, kinds map[string]string) (items.Attribute, error) {
	for _, index := range table.GlobalSecondaryIndexes {
		if aws.ToString(index.IndexName) == t.options.ExternalIDIndex {
			return schema(index.KeySchema, kinds).Partition, nil
		}
	}
	return items.Attribute{}, &MissingIndexError{t.options.Name, t.options.ExternalIDIndex}
}

func schema(keys []types.KeySchemaElement, kinds map[string]string) (s items.Schema) {
	for _, key := range keys {
		name := aws.ToString(key.AttributeName)
		a := items.Attribute{Name: name, Type: kinds[name]}
		if key.KeyType == types.KeyTypeHash {
			s.Partition = a
		} else {
			s.Sort = a
		}
	}
	return s
}

// shape returns the table's shape, asked for once. Key schemas never change.
func (t *Table) shape(ctx context.Context) (Shape, error) {
	t.mu.Lock()
	known := t.shaped
	t.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	return t.Describe(ctx)
}

// Count implements batcher.Table.
func (t *Table) Count(ctx context.Context) (int64, error) {
	shape, err := t.Describe(ctx)
	return shape.Items, err
}

// Find implements batcher.Table.
func (t *Table) Find(ctx context.Context, externalID string) ([]intent.Key, error) {
	shape, err := t.shape(ctx)
	if err != nil {
		return nil, err
	}
	if t.options.ExternalIDIndex == "" {
		key, err := shape.Schema.Of(externalID)
		if err != nil {
			return nil, nil // no item can have this externalId
		}
		return []intent.Key{key}, nil
	}
	// The index's key must be one that an item could have.
	key, err := items.Schema{Partition: shape.Index}.Of(externalID)
	if err != nil {
		return nil, nil
	}
	value, err := attributes(key)
	if err != nil {
		return nil, fmt.Errorf("find person: %w", err)
	}
	names, projection := project(shape.Schema, nil)
	names["#external"] = shape.Index.Name
	in := &dynamodb.QueryInput{
		TableName: &t.options.Name, IndexName: &t.options.ExternalIDIndex, KeyConditionExpression: aws.String("#external = :external"),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: map[string]types.AttributeValue{":external": value[shape.Index.Name]},
		ProjectionExpression:      &projection, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}
	var keys []intent.Key
	for {
		if err := t.pace.wait(ctx); err != nil {
			return nil, fmt.Errorf("find person: %w", err)
		}
		out, err := t.client.Query(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("find person: query index %s: %w", t.options.ExternalIDIndex, err)
		}
		t.pace.took(out.ConsumedCapacity)
		for _, item := range out.Items {
			key, err := keyOf(shape.Schema, item)
			if err != nil {
				return nil, fmt.Errorf("find person: %w", err)
			}
			keys = append(keys, key)
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			slices.Sort(keys)
			return keys, nil
		}
	}
}

// maxExpression is the longest expression that DynamoDB takes, in bytes.
const maxExpression = 4096

// project returns the expression, with its names, that reads the key and these attributes; empty, to read all, where
// it would be too long.
func project(s items.Schema, attributes []string) (names map[string]string, expression string) {
	all := append([]string{s.Partition.Name}, attributes...)
	if s.Sort.Name != "" {
		all = append(all, s.Sort.Name)
	}
	slices.Sort(all)
	names = map[string]string{}
	for i, name := range slices.Compact(all) {
		short := "#" + strconv.Itoa(i)
		names[short] = name
		if i > 0 {
			expression += ","
		}
		expression += short
	}
	if len(expression) > maxExpression {
		return nil, ""
	}
	return names, expression
}

// errUnprocessed is returned when DynamoDB answers again and again without processing anything.
var errUnprocessed = errors.New("keys stay unprocessed: the table is short of read capacity")
