//go:build e2e

package e2e

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
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
	"rollcall/internal/awssdk"
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
	// visibility is the queue's; 16 minutes if zero.
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
		o.visibility = 16 * time.Minute
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

// functionTimeout is how long an invocation may take.
const functionTimeout = 15 * time.Minute

// invoker is a client that waits for invocations: an answer begins when one is over.
func (e *emulator) invoker() *lambda.Client {
	return lambda.NewFromConfig(e.sdk, func(o *lambda.Options) { o.HTTPClient = awssdk.HTTPClient(nil, functionTimeout+time.Minute) })
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

// invoke invokes a function and returns what it answers. Its log goes into the run's folder.
func (h *house) invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	out, err := h.lambda.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(h.function(function)), Payload: payload, LogType: lambdatypes.LogTypeTail,
	}, func(o *lambda.Options) { o.RetryMaxAttempts = 1 })
	if err != nil {
		return nil, fmt.Errorf("invoke %s: %w", function, err)
	}
	log, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
	if err == nil {
		err = h.log(function, log)
	}
	if err != nil {
		return nil, fmt.Errorf("keep log of %s: %w", function, err)
	}
	if out.FunctionError != nil {
		return nil, fmt.Errorf("%s failed: %s", function, out.Payload)
	}
	return out.Payload, nil
}

func (h *house) logFile(function string) string {
	return filepath.Join(LogDir(), h.function(function)+".log")
}

func (h *house) log(function string, lines []byte) error {
	file, err := os.OpenFile(h.logFile(function), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(append(lines, '\n'))
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// flush invokes the flusher over and over until the test ends, as the scheduler does every minute but without a pause. An
// invocation that fails is followed by a second's pause. In the end the one in hand is told to end, as Lambda would.
func (h *house) flush(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			_, err := h.invoke(ctx, "flusher", []byte("{}"))
			select {
			case <-stop:
				return
			default:
			}
			if err != nil {
				h.mu.Lock()
				h.failures = append(h.failures, err.Error())
				h.mu.Unlock()
				time.Sleep(time.Second)
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		h.signal(t, "flusher", syscall.SIGTERM)
		select {
		case <-stopped:
		case <-time.After(10 * time.Second):
			t.Errorf("the flusher goes on 10 s after SIGTERM")
		}
		cancel()
		<-stopped
	})
}

// signal sends a signal to the processes of a function and returns how many there are.
func (h *house) signal(t *testing.T, function string, signal syscall.Signal) int {
	t.Helper()
	pids := functionProcesses(t, h.emulator.Process, h.function(function))
	for _, pid := range pids {
		_ = syscall.Kill(pid, signal) // it may be gone already
	}
	return len(pids)
}

// failed returns the failures of the flusher's invocations up to now.
func (h *house) failed() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string{}, h.failures...)
}
