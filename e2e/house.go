//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	sqsapi "github.com/aws/aws-sdk-go-v2/service/sqs"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/internal/contract"
	"rollcall/internal/dist"
	"rollcall/internal/dynamo"
	"rollcall/internal/items"
	"rollcall/internal/sqs"
)

// emulator is MiniStack and what is deployed to every house on it.
type emulator struct {
	*Process
	sdk aws.Config
	// zips of the functions, as make dist packs them, for this machine.
	zips map[string][]byte
}

func startEmulator(t *testing.T) *emulator {
	t.Helper()
	e := &emulator{zips: map[string][]byte{}}
	for _, function := range dist.Functions() {
		z, err := dist.Pack(t.Context(), dist.Options{Module: "..", Out: t.TempDir(), Version: "e2e", Config: "../rollcall.yaml"}, function, "amd64")
		if err != nil {
			t.Fatal(err)
		}
		if e.zips[function], err = os.ReadFile(z.Path); err != nil {
			t.Fatal(err)
		}
	}
	e.sdk, e.Process = startMiniStack(t)
	return e
}

// house is one installation: table, stream mapping, queue, control table, secret, functions, and an org of its own.
type house struct {
	*emulator
	*org
	name     string
	lambda   *lambda.Client
	dynamodb *dynamodb.Client
	sqs      *sqsapi.Client
	config   config.Config
	// settings are the environment of the functions.
	settings map[string]string

	mu       sync.Mutex
	failures []string // of invocations of the flusher
}

// houseOptions are what differs between houses.
type houseOptions struct {
	// visibility is the queue's; two minutes if zero.
	visibility time.Duration
	// orgFlags are flags of rollcall oktasim.
	orgFlags []string
	// settings are further settings, by their variables.
	settings map[string]string
}

// deploy builds a house. Its parts go with the emulator.
func (e *emulator) deploy(t *testing.T, name string, o houseOptions) *house {
	t.Helper()
	h := &house{
		emulator: e, name: name, org: startOrg(t, name+"-oktasim", o.orgFlags...),
		lambda: e.invoker(), dynamodb: dynamodb.NewFromConfig(e.sdk), sqs: sqsapi.NewFromConfig(e.sdk),
	}
	table := newTable(t, h.dynamodb, contract.TableOptions{Schema: items.Schema{Partition: items.Attribute{Name: "id"}}})
	control := newTable(t, h.dynamodb, contract.TableOptions{Schema: items.Schema{
		Partition: items.Attribute{Name: "kind"}, Sort: items.Attribute{Name: "id"},
	}})
	if o.visibility == 0 {
		o.visibility = 2 * time.Minute
	}
	queue := newQueue(t, h.sqs, map[string]string{
		"VisibilityTimeout": fmt.Sprint(int(o.visibility / time.Second)), "MessageRetentionPeriod": "1209600",
	})
	secret, err := secretsmanager.NewFromConfig(e.sdk).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String(name + "-okta"), SecretString: aws.String(`{"token":"` + orgToken + `"}`),
	})
	if err != nil {
		t.Fatalf("create secret: %v", err)
	}
	h.settings = map[string]string{
		"ROLLCALL_TABLE": table, "ROLLCALL_CONTROL": control, "ROLLCALL_QUEUE_INTENTS": queue,
		"ROLLCALL_OKTA_ORG_URL": h.org.url, "ROLLCALL_OKTA_IDENTITY_SOURCE_ID": "0oa1", "ROLLCALL_OKTA_SECRET_ARN": *secret.ARN,
	}
	maps.Copy(h.settings, o.settings)
	h.config, err = config.Load(nil, func(name string) (string, bool) { v, ok := h.settings[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	for _, function := range dist.Functions() {
		h.create(t, function)
	}
	h.mapStream(t)
	return h
}

// function is the name of a function of this house.
func (h *house) function(of string) string { return h.name + "-" + of }

func (h *house) create(t *testing.T, function string) {
	t.Helper()
	_, err := h.lambda.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String(h.function(function)), Runtime: lambdatypes.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Role: aws.String("arn:aws:iam::000000000000:role/" + function), Timeout: aws.Int32(int32(functionTimeout / time.Second)), MemorySize: aws.Int32(256),
		Architectures: []lambdatypes.Architecture{lambdatypes.ArchitectureX8664},
		Code:          &lambdatypes.FunctionCode{ZipFile: h.zips[function]},
		Environment:   &lambdatypes.Environment{Variables: h.settings},
	})
	if err != nil {
		t.Fatalf("create function %s: %v", function, err)
	}
	t.Cleanup(func() { h.signal(t, function, syscall.SIGKILL) })
}

// mapStream maps the table's stream to the stream-handler with the settings of production.
func (h *house) mapStream(t *testing.T) {
	t.Helper()
	shape, err := h.table().Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.lambda.CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{
		FunctionName: aws.String(h.function("stream-handler")), EventSourceArn: &shape.StreamARN,
		StartingPosition: lambdatypes.EventSourcePositionTrimHorizon, BatchSize: aws.Int32(1000),
		MaximumBatchingWindowInSeconds: aws.Int32(1), ParallelizationFactor: aws.Int32(10),
		BisectBatchOnFunctionError: aws.Bool(true),
		FunctionResponseTypes:      []lambdatypes.FunctionResponseType{lambdatypes.FunctionResponseTypeReportBatchItemFailures},
	})
	if err != nil {
		t.Fatalf("map stream: %v", err)
	}
}

func (h *house) table() *dynamo.Table {
	return dynamo.NewTable(h.dynamodb, dynamo.TableOptions{Name: h.config.Table})
}

func (h *house) control() *batcher.Control {
	return batcher.NewControl(dynamo.NewStore(h.dynamodb, h.config.Control))
}

func (h *house) queue(t *testing.T) *sqs.Queue { return open(t, h.sqs, h.config.Queue.Intents) }
