//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sqsapi "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rollcall/batcher"
	"rollcall/internal/contract"
	"rollcall/internal/sqs"
)

var elasticMQ = Artifact{"org.elasticmq", "elasticmq-server_2.13", "1.6.14"}

// elasticMQConfig makes ElasticMQ refuse what SQS refuses and listen on loopback alone.
const elasticMQConfig = `include classpath("application.conf")
node-address { protocol = http, host = "127.0.0.1", port = %[1]d, context-path = "" }
rest-sqs { enabled = true, bind-port = %[1]d, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false }
`

// maxElasticMQ is the most that ElasticMQ takes in a message and in a call, bytes; SQS itself takes 1 MiB.
const maxElasticMQ = 256 << 10

// startElasticMQ starts ElasticMQ and returns its URL.
func startElasticMQ(t *testing.T) string {
	t.Helper()
	java, jars := Java(t), Jars(t, elasticMQ)
	port := FreePort(t)
	conf := filepath.Join(t.TempDir(), "elasticmq.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, elasticMQConfig, port), 0o644); err != nil {
		t.Fatal(err)
	}
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	Start(t, Program{
		Name:    "elasticmq",
		Command: []string{java, "-Dconfig.file=" + conf, "-cp", jars + "/*", "org.elasticmq.server.Main"},
		Ready:   Answers(url + "/?Action=ListQueues"),
	})
	return url
}

var queues atomic.Int64

// newQueue makes a queue and returns its URL.
func newQueue(t *testing.T, client *sqsapi.Client, attributes map[string]string) string {
	t.Helper()
	out, err := client.CreateQueue(t.Context(), &sqsapi.CreateQueueInput{
		QueueName: aws.String(fmt.Sprintf("queue-%d", queues.Add(1))), Attributes: attributes,
	})
	if err != nil {
		t.Fatalf("create queue: %v", err)
	}
	return *out.QueueUrl
}

func open(t *testing.T, client *sqsapi.Client, url string) *sqs.Queue {
	t.Helper()
	queue, err := sqs.New(client, url, sqs.Options{MaxCallBytes: maxElasticMQ})
	if err != nil {
		t.Fatal(err)
	}
	return queue
}

func TestElasticMQ(t *testing.T) {
	UseAWS(t, map[string]string{"SQS": startElasticMQ(t)})
	client := sqsapi.NewFromConfig(loadAWS(t))
	const visibility = 3 * time.Second
	seconds := map[string]string{"VisibilityTimeout": fmt.Sprint(int(visibility / time.Second))}
	t.Run("queue", func(t *testing.T) {
		contract.Queue(t, func(t *testing.T) batcher.Queue { return open(t, client, newQueue(t, client, seconds)) },
			contract.QueueOptions{Visibility: visibility, MaxBytes: maxElasticMQ})
	})
	t.Run("dead letters", func(t *testing.T) { testDeadLetters(t, client) })
	t.Run("depth", func(t *testing.T) {
		queue := open(t, client, newQueue(t, client, nil))
		if failed, err := queue.Send(t.Context(), []string{"a", "b", "c"}, 0); err != nil {
			t.Fatalf("send: %v, failed %v", err, failed)
		}
		if failed, err := queue.Send(t.Context(), []string{"later"}, time.Minute); err != nil {
			t.Fatalf("send: %v, failed %v", err, failed)
		}
		if visible, hidden, oldest, err := queue.Depth(t.Context()); visible != 3 || hidden != 1 || oldest >= 0 || err != nil {
			t.Errorf("depth = %d visible, %d hidden, %v old, %v; want 3, 1 and no age", visible, hidden, oldest, err)
		}
	})
	t.Run("a queue that is not there", func(t *testing.T) {
		queue := open(t, client, newQueue(t, client, nil)+"-gone")
		if _, err := queue.Receive(t.Context(), 0); err == nil || !strings.Contains(err.Error(), "receive messages") {
			t.Errorf("receive = %v", err)
		}
		if failed, err := queue.Send(t.Context(), []string{"a", "b"}, 0); err == nil || len(failed) != 2 {
			t.Errorf("send = %v, %v; want both to fail", failed, err)
		}
	})
}

// testDeadLetters gives a message back until its queue moves it: every receive counts, also those that gave back. This
// is why the intents queue has no redrive.
func testDeadLetters(t *testing.T, client *sqsapi.Client) {
	dead := newQueue(t, client, nil)
	out, err := client.GetQueueAttributes(t.Context(), &sqsapi.GetQueueAttributesInput{
		QueueUrl: &dead, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		t.Fatal(err)
	}
	queue := open(t, client, newQueue(t, client, map[string]string{
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":2}`, out.Attributes["QueueArn"]),
	}))
	if failed, err := queue.Send(t.Context(), []string{"poison"}, 0); err != nil {
		t.Fatalf("send: %v, failed %v", err, failed)
	}
	for want := range 2 {
		messages, err := queue.Receive(t.Context(), 10*time.Second)
		if err != nil || len(messages) != 1 || messages[0].Count != want+1 {
			t.Fatalf("receive %d = %+v, %v", want+1, messages, err)
		}
		if err := queue.Postpone(t.Context(), []string{messages[0].Receipt}, 0); err != nil {
			t.Fatalf("give back: %v", err)
		}
	}
	if messages, err := queue.Receive(t.Context(), 2*time.Second); err != nil || len(messages) > 0 {
		t.Errorf("received %+v, %v; want it moved", messages, err)
	}
	messages, err := open(t, client, dead).Receive(t.Context(), 10*time.Second)
	if err != nil || len(messages) != 1 || messages[0].Body != "poison" {
		t.Errorf("dead letters %+v, %v; want the message", messages, err)
	}
}
