package dynamo

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rollcall/intent"
)

type item = map[string]types.AttributeValue

// fakeTable is a table "people" with the key "id" (S) and the index "by-person" on "person" (S), as far as Table
// needs it. It keeps what it was asked.
type fakeTable struct {
	mu     sync.Mutex
	items  map[string]item // by id
	gets   []*dynamodb.BatchGetItemInput
	querys []*dynamodb.QueryInput
	scans  []*dynamodb.ScanInput
	asked  int // DescribeTable calls
	// leave is how many keys of each call stay unprocessed, for so many calls.
	leave, leaveCalls int
	err               error
}

func put(f *fakeTable, bodies ...string) {
	if f.items == nil {
		f.items = map[string]item{}
	}
	for _, body := range bodies {
		i, err := attributevalue.UnmarshalMapJSON([]byte(body))
		if err != nil {
			panic(err)
		}
		f.items[i["id"].(*types.AttributeValueMemberS).Value] = i
	}
}

func (f *fakeTable) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	f.gets = append(f.gets, in)
	want := in.RequestItems["people"]
	out := &dynamodb.BatchGetItemOutput{Responses: map[string][]map[string]types.AttributeValue{}}
	keys := want.Keys
	if len(f.gets) <= f.leaveCalls {
		left := want
		left.Keys, keys = keys[max(0, len(keys)-f.leave):], keys[:max(0, len(keys)-f.leave)]
		out.UnprocessedKeys = map[string]types.KeysAndAttributes{"people": left}
	}
	seen := map[string]bool{}
	for _, key := range slices.Backward(keys) { // answers have no order
		id := key["id"].(*types.AttributeValueMemberS).Value
		if seen[id] {
			return nil, &types.ProvisionedThroughputExceededException{Message: aws.String("a key twice in one call")}
		}
		seen[id] = true
		if i := f.items[id]; i != nil {
			out.Responses["people"] = append(out.Responses["people"], i)
		}
	}
	out.ConsumedCapacity = []types.ConsumedCapacity{{CapacityUnits: aws.Float64(float64(len(keys)))}}
	return out, nil
}

func (f *fakeTable) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	asked := *in
	f.querys = append(f.querys, &asked)
	var matches []string
	for _, id := range slices.Sorted(maps.Keys(f.items)) {
		if person, ok := f.items[id]["person"].(*types.AttributeValueMemberS); ok && person.Value == in.ExpressionAttributeValues[":external"].(*types.AttributeValueMemberS).Value {
			matches = append(matches, id)
		}
	}
	// One a page, the greatest first.
	slices.Reverse(matches)
	from := 0
	if last, ok := in.ExclusiveStartKey["id"].(*types.AttributeValueMemberS); ok {
		from = slices.Index(matches, last.Value) + 1
	}
	out := &dynamodb.QueryOutput{}
	if from < len(matches) {
		out.Items = []map[string]types.AttributeValue{{"id": f.items[matches[from]]["id"]}}
		if from+1 < len(matches) {
			out.LastEvaluatedKey = out.Items[0]
		}
	}
	return out, nil
}

func (f *fakeTable) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	asked := *in
	f.scans = append(f.scans, &asked)
	out := &dynamodb.ScanOutput{}
	// The n-th item is in the segment n modulo the segments; two a page.
	for n, id := range slices.Sorted(maps.Keys(f.items)) {
		if n%int(*in.TotalSegments) != int(*in.Segment) {
			continue
		}
		if last, ok := in.ExclusiveStartKey["id"].(*types.AttributeValueMemberS); ok && id <= last.Value {
			continue
		}
		if len(out.Items) == 2 {
			out.LastEvaluatedKey = item{"id": out.Items[1]["id"]}
			break
		}
		out.Items = append(out.Items, f.items[id])
	}
	return out, nil
}

func (f *fakeTable) DescribeTable(_ context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	f.asked++
	hash := func(name string) []types.KeySchemaElement {
		return []types.KeySchemaElement{{AttributeName: &name, KeyType: types.KeyTypeHash}}
	}
	return &dynamodb.DescribeTableOutput{Table: &types.TableDescription{
		KeySchema: hash("id"), ItemCount: aws.Int64(int64(len(f.items))),
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("person"), AttributeType: types.ScalarAttributeTypeS},
		},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndexDescription{{IndexName: aws.String("by-person"), KeySchema: hash("person")}},
		LatestStreamArn:        aws.String("arn:aws:dynamodb:…/stream/1"),
		StreamSpecification:    &types.StreamSpecification{StreamViewType: types.StreamViewTypeNewAndOldImages},
	}}, nil
}

func idKeys(ids ...string) (keys []intent.Key) {
	for _, id := range ids {
		keys = append(keys, intent.Key(`{"id":{"S":"`+id+`"}}`))
	}
	return keys
}
