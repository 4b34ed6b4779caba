package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	sqsapi "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/sirupsen/logrus"

	"rollcall/internal/config"
	"rollcall/internal/emf"
	"rollcall/internal/function"
	"rollcall/internal/sqs"
	streamhandler "rollcall/stream-handler"
)

// newHandler makes what handles the invocations of one process. Metrics go to out as lines of the embedded metric format.
func newHandler(sdk aws.Config, cfg config.Config, log *logrus.Entry, out io.Writer) (function.Raw, error) {
	compiled, mappingErr := cfg.CompileMapping()
	client := sqsapi.NewFromConfig(sdk)
	intents, queueErr := sqs.New(client, cfg.Queue.Intents, sqs.Options{})
	h := streamhandler.Handler{Mapping: compiled, Queue: intents, Observe: emf.New(out, cfg.Table, cfg.Okta.IdentitySourceID).Handled, Log: log}
	if cfg.Urgent.Enabled {
		urgent, err := sqs.New(client, cfg.Queue.Urgent, sqs.Options{})
		h.Urgent, queueErr = urgent, errors.Join(queueErr, err)
	}
	if err := errors.Join(mappingErr, queueErr); err != nil {
		return nil, err
	}
	return func(ctx context.Context, payload []byte) ([]byte, error) {
		failed, err := h.Handle(ctx, payload)
		if err != nil {
			return nil, err
		}
		return json.Marshal(failed)
	}, nil
}
