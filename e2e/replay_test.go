//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	sqsapi "github.com/aws/aws-sdk-go-v2/service/sqs"

	"rollcall/intent"
	"rollcall/internal/contract"
	"rollcall/internal/items"
	"rollcall/internal/sqs"
)

// recovery is a table on DynamoDB Local with its stream, and queues and a bucket on MiniStack.
type recovery struct {
	*testing.T

	table    string
	dynamodb *dynamodb.Client
	streams  *dynamodbstreams.Client
	sqs      *sqsapi.Client
	s3       *s3.Client
	intents  *sqs.Queue
	failures string // the URL of an on-failure queue
	settings map[string]string
}

// joined is how many people the table of the test gets: more than an answer of GetRecords or a page of a scan holds.
const joined = 1100

// TestReplay runs rollcall replay and rollcall sync against the real Streams API of DynamoDB Local.
func TestReplay(t *testing.T) {
	local := startDynamoDB(t)
	sdk, _ := startMiniStack(t)
	UseAWS(t, map[string]string{"": *sdk.BaseEndpoint, "DYNAMODB": local, "DYNAMODB_STREAMS": local})
	cfg := loadAWS(t)
	r := &recovery{
		T: t, dynamodb: dynamoClient(t), streams: dynamodbstreams.NewFromConfig(cfg), sqs: sqsapi.NewFromConfig(cfg),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
	}
	r.table = newTable(t, r.dynamodb, contract.TableOptions{Schema: items.Schema{Partition: items.Attribute{Name: "id"}}})
	// An answer that is lost on its way comes again while wants still asks.
	queue := newQueue(t, r.sqs, map[string]string{"VisibilityTimeout": "5"})
	r.intents = open(t, r.sqs, queue)
	r.failures = newQueue(t, r.sqs, map[string]string{"VisibilityTimeout": "960"})
	r.settings = map[string]string{
		"ROLLCALL_TABLE": r.table, "ROLLCALL_CONTROL": "none", "ROLLCALL_QUEUE_INTENTS": queue, "XDG_STATE_HOME": t.TempDir(),
		"ROLLCALL_OKTA_ORG_URL": "https://example.okta.com", "ROLLCALL_OKTA_IDENTITY_SOURCE_ID": "0oa1",
		"ROLLCALL_OKTA_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:000000000000:secret:none",
	}
	r.fill()
	t.Run("stream", func(t *testing.T) { r.on(t).stream() })
	t.Run("queue", func(t *testing.T) { r.on(t).queue() })
	t.Run("bucket", func(t *testing.T) { r.on(t).bucket() })
	t.Run("export", func(t *testing.T) { r.on(t).export() })
	t.Run("sync", func(t *testing.T) { r.on(t).sync() })
}

func (r *recovery) on(t *testing.T) *recovery {
	part := *r
	part.T = t
	return &part
}

func (r *recovery) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func e2eItem(id string) string {
	return fmt.Sprintf(`{"id":{"S":%q},"active":{"BOOL":true},"email":{"S":"%[1]s@example.com"},"first_name":{"S":"A"},"last_name":{"S":"B"}}`, id)
}

// fill lets people join, and the first ten leave again.
func (r *recovery) fill() {
	r.Helper()
	put := putter(r.dynamodb, r.table)
	for n := range joined {
		r.must(put(r.Context(), []byte(e2eItem(fmt.Sprintf("p%d", n)))))
	}
	for n := range 10 {
		_, err := r.dynamodb.DeleteItem(r.Context(), &dynamodb.DeleteItemInput{
			TableName: &r.table, Key: map[string]types.AttributeValue{"id": text(fmt.Sprintf("p%d", n))},
		})
		r.must(err)
	}
}

// command runs rollcall, which must end with that code and print a line that holds each of these texts.
func (r *recovery) command(code int, args []string, texts ...string) {
	r.Helper()
	out, got := run(r.T, r.settings, args...)
	if got != code {
		r.Fatalf("rollcall %v ended with %d, want %d:\n%s", args, got, code, out)
	}
	for _, text := range texts {
		if !strings.Contains(out, text) {
			r.Errorf("rollcall %v did not print %q:\n%s", args, text, out)
		}
	}
}

// wants receives everything that was enqueued: these many upserts and deactivations of that many people.
func (r *recovery) wants(upserts, deactivations, people int) {
	r.Helper()
	gotUpserts, gotDeactivations, ids := 0, 0, map[string]bool{}
	// A receive may come back with nothing while there is something: only where something is missing is it asked again.
	for empty := 0; empty == 0 || empty < 10 && gotUpserts+gotDeactivations < upserts+deactivations; {
		messages, err := r.intents.Receive(r.Context(), time.Second)
		r.must(err)
		if len(messages) == 0 {
			empty++
		}
		var receipts []string
		for _, m := range messages {
			receipts = append(receipts, m.Receipt)
		}
		r.must(r.intents.Delete(r.Context(), receipts)) // at once: they come again soon
		for _, m := range messages {
			message, err := intent.Decode(m.Body)
			r.must(err)
			for _, in := range message.Intents {
				ids[in.ExternalID] = true
				if in.Kind == intent.Deactivate {
					gotDeactivations++
				} else {
					gotUpserts++
				}
			}
		}
	}
	if gotUpserts != upserts || gotDeactivations != deactivations || len(ids) != people {
		r.Errorf("enqueued %d upserts and %d deactivations of %d people, want %d and %d of %d",
			gotUpserts, gotDeactivations, len(ids), upserts, deactivations, people)
	}
}

func (r *recovery) stream() {
	summary := fmt.Sprintf("%d upserts and 10 deactivations of %d records: 0 nothing to Okta, 0 rejects, 0 problems", joined, joined+10)
	r.command(0, []string{"replay", "stream", "--since", "1h", "--dry-run"}, "would enqueue "+summary)
	r.wants(0, 0, 0)
	r.command(0, []string{"replay", "stream", "--since", "1h"}, "enqueued "+summary)
	r.wants(joined, 10, joined)
	// Of nothing new, all is older.
	time.Sleep(1100 * time.Millisecond)
	r.command(0, []string{"replay", "stream", "--since", "0s"}, fmt.Sprintf("0 upserts and 0 deactivations of %d records: %[1]d older", joined+10))
}

// numbers returns the stream's one shard with its sequence numbers.
func (r *recovery) numbers() (arn, shard string, numbers []string) {
	r.Helper()
	described, err := r.dynamodb.DescribeTable(r.Context(), &dynamodb.DescribeTableInput{TableName: &r.table})
	r.must(err)
	stream := described.Table.LatestStreamArn
	shards, err := r.streams.DescribeStream(r.Context(), &dynamodbstreams.DescribeStreamInput{StreamArn: stream})
	r.must(err)
	id := shards.StreamDescription.Shards[0].ShardId
	iterator, err := r.streams.GetShardIterator(r.Context(), &dynamodbstreams.GetShardIteratorInput{
		StreamArn: stream, ShardId: id, ShardIteratorType: streams.ShardIteratorTypeTrimHorizon,
	})
	r.must(err)
	for next := iterator.ShardIterator; next != nil && len(numbers) < 200; {
		out, err := r.streams.GetRecords(r.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: next})
		r.must(err)
		for _, record := range out.Records {
			numbers = append(numbers, *record.Dynamodb.SequenceNumber)
		}
		next = out.NextShardIterator
	}
	return *stream, *id, numbers
}

func (r *recovery) queue() {
	arn, shard, numbers := r.numbers()
	fail := func(shard, start, end string) {
		r.Helper()
		body, err := json.Marshal(map[string]any{
			"requestContext": map[string]any{"condition": "RetryAttemptsExhausted"}, "version": "1.0",
			"DDBStreamBatchInfo": map[string]any{
				"shardId": shard, "startSequenceNumber": start, "endSequenceNumber": end, "batchSize": 7, "streamArn": arn,
			},
		})
		r.must(err)
		_, err = r.sqs.SendMessage(r.Context(), &sqsapi.SendMessageInput{QueueUrl: &r.failures, MessageBody: aws.String(string(body))})
		r.must(err)
	}
	fail(shard, numbers[5], numbers[44])
	r.command(0, []string{"replay", "queue", r.failures, "--dry-run"}, "would enqueue 40 upserts")
	r.command(0, []string{"replay", "queue", r.failures}, "enqueued 40 upserts and 0 deactivations of 40 records")
	r.wants(40, 0, 40)
	fail("shardId-00000000000000000000-deadbeef", numbers[0], numbers[1])
	fail(shard, numbers[100], numbers[100])
	r.command(1, []string{"replay", "queue", r.failures}, "enqueued 1 upsert", "shard shardId-00000000000000000000-deadbeef, records "+numbers[0], "rollcall sync recovers")
	r.wants(1, 0, 1)
	r.command(1, []string{"replay", "queue", r.failures}, "enqueued 0 upserts", "1 problem")
}

func (r *recovery) sync() {
	r.command(0, []string{"sync", "--segments", "3", "--read-rate", "1000"}, fmt.Sprintf("enqueued %d people of %[1]d items", joined-10))
	r.wants(joined-10, 0, joined-10)
}
