// Command stream-handler is the Lambda function that a DynamoDB stream invokes: records in, intents onto the queue, and
// the records that could not be put there out.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	sqsapi "github.com/aws/aws-sdk-go-v2/service/sqs"

	"rollcall/internal/awssdk"
	"rollcall/internal/emf"
	"rollcall/internal/function"
	"rollcall/internal/sqs"
	streamhandler "rollcall/stream-handler"
)

func main() {
	cfg, configErr := function.Config("table", "queue.intents", "queue.urgent", "okta.identitySourceId")
	sdk, sdkErr := awssdk.FromEnvironment()
	log := function.NewLog(os.Stderr, cfg.Log.Level)
	if err := errors.Join(configErr, sdkErr); err != nil {
		function.Refuse(log, err)
		os.Exit(1)
	}
	compiled, mappingErr := cfg.CompileMapping()
	client := sqsapi.NewFromConfig(sdk)
	intents, queueErr := sqs.New(client, cfg.Queue.Intents, sqs.Options{})
	h := streamhandler.Handler{
		Mapping: compiled, Queue: intents, Observe: emf.New(os.Stdout, cfg.Table, cfg.Okta.IdentitySourceID).Handled, Log: log,
	}
	if cfg.Urgent.Enabled {
		urgent, err := sqs.New(client, cfg.Queue.Urgent, sqs.Options{})
		h.Urgent, queueErr = urgent, errors.Join(queueErr, err)
	}
	if err := errors.Join(mappingErr, queueErr); err != nil {
		function.Refuse(log, err)
		os.Exit(1)
	}
	lambda.Start(function.Raw(func(ctx context.Context, payload []byte) ([]byte, error) {
		failed, err := h.Handle(ctx, payload)
		if err != nil {
			log.WithError(err).Error("batch failed")
			return nil, err
		}
		return json.Marshal(failed)
	}))
}
