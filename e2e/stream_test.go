//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/embedded"
	"rollcall/internal/items"
)

// change is what a stream record says: its eventName, and the key and the images in the one form that items.Parse gives
// them, empty where there is none.
type change struct{ Name, Keys, Old, New string }

// writes are done to both tables, in this order. An item of null is a delete of jane.
var writes = []string{
	`{"id":{"S":"jane"},"n":{"N":"1.50"},"s":{"SS":["b","a"]},"b":{"B":"AAEC/w=="},"m":{"M":{"x":{"L":[{"NULL":true},{"BOOL":false}]}}},"e":{"S":""}}`,
	`{"id":{"S":"jane"},"n":{"N":"1.5"},"s":{"SS":["a","b"]},"b":{"B":"AAEC/w=="},"m":{"M":{"x":{"L":[{"NULL":true},{"BOOL":false}]}}},"e":{"S":""}}`, // the same again
	`{"id":{"S":"jane"},"n":{"N":"12345678901234567890123456789012345678"},"t":{"S":"josé 😀 שלום \"q\""}}`,
	`null`,
	`null`, // deletes nothing
	`{"id":{"S":"jane"},"big":{"N":"1E+30"},"small":{"N":"-0.00001"}}`,
}

// testStream writes to a table of DynamoDB Local and to the embedded one, and compares what their streams say.
func testStream(t *testing.T, client *dynamodb.Client, name string) {
	db, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	local, err := db.Table(t.Context(), embedded.TableOptions{Name: name, Schema: items.Schema{Partition: items.Attribute{Name: "id"}}})
	if err != nil {
		t.Fatal(err)
	}
	put := putter(client, name)
	for _, write := range writes {
		if write == "null" {
			jane := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "jane"}}
			if _, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &name, Key: jane}); err != nil {
				t.Fatal(err)
			}
			if _, err := local.DeleteItem(t.Context(), `{"id":{"S":"jane"}}`); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := put(t.Context(), []byte(write)); err != nil {
			t.Fatal(err)
		}
		if err := local.PutItem(t.Context(), []byte(write)); err != nil {
			t.Fatal(err)
		}
	}
	want := readStream(t, client, name)
	if len(want) != 4 {
		t.Errorf("DynamoDB Local's stream has %d records, want 4: the writes that change nothing have none", len(want))
	}
	if diff := cmp.Diff(want, deliver(t, local)); diff != "" {
		t.Errorf("what the streams say (-DynamoDB Local +embedded):\n%s", diff)
	}
}

// readStream reads a table's stream from its beginning, until it has been empty for a second.
func readStream(t *testing.T, client *dynamodb.Client, table string) (all []change) {
	t.Helper()
	reader := dynamodbstreams.NewFromConfig(loadAWS(t))
	described, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	arn := described.Table.LatestStreamArn
	stream, err := reader.DescribeStream(t.Context(), &dynamodbstreams.DescribeStreamInput{StreamArn: arn})
	if err != nil {
		t.Fatal(err)
	}
	for _, shard := range stream.StreamDescription.Shards {
		iterator, err := reader.GetShardIterator(t.Context(), &dynamodbstreams.GetShardIteratorInput{
			StreamArn: arn, ShardId: shard.ShardId, ShardIteratorType: streams.ShardIteratorTypeTrimHorizon,
		})
		if err != nil {
			t.Fatal(err)
		}
		next := iterator.ShardIterator
		for last := time.Now(); next != nil && time.Since(last) < time.Second; time.Sleep(50 * time.Millisecond) {
			out, err := reader.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: next})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range out.Records {
				last = time.Now()
				if number := aws.ToString(r.Dynamodb.SequenceNumber); len(number) < 21 {
					t.Errorf("sequence number %q has fewer than 21 digits", number)
				}
				all = append(all, change{
					Name: string(r.EventName), Keys: values(t, r.Dynamodb.Keys), Old: values(t, r.Dynamodb.OldImage), New: values(t, r.Dynamodb.NewImage),
				})
			}
			next = out.NextShardIterator
		}
	}
	return all
}

// deliver reads the embedded table's stream as a function is given it.
func deliver(t *testing.T, table *embedded.Table) (all []change) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	err := table.Dispatch(ctx, embedded.Mapping{}, func(_ context.Context, payload []byte) (r events.DynamoDBEventResponse, err error) {
		defer cancel()
		var in struct {
			Records []struct {
				EventName string
				DynamoDB  struct{ Keys, OldImage, NewImage json.RawMessage }
			}
		}
		if err := json.Unmarshal(payload, &in); err != nil {
			return r, err
		}
		for _, record := range in.Records {
			c := record.DynamoDB
			all = append(all, change{Name: record.EventName, Keys: form(t, c.Keys), Old: form(t, c.OldImage), New: form(t, c.NewImage)})
		}
		return r, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// values returns the one form of the attributes of a stream record.
func values(t *testing.T, attributes map[string]streams.AttributeValue) string {
	t.Helper()
	if len(attributes) == 0 {
		return ""
	}
	item, err := attributevalue.FromDynamoDBStreamsMap(attributes)
	if err != nil {
		t.Fatal(err)
	}
	body, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		t.Fatal(err)
	}
	return form(t, body)
}

func form(t *testing.T, item []byte) string {
	t.Helper()
	if len(item) == 0 {
		return ""
	}
	parsed, err := items.Parse(item)
	if err != nil {
		t.Fatal(err)
	}
	return string(parsed.JSON())
}
