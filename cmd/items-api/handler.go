package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/sirupsen/logrus"

	"rollcall/internal/config"
	"rollcall/internal/dynamo"
	"rollcall/internal/items"
)

// newHandler makes what handles the requests of one process.
func newHandler(sdk aws.Config, cfg config.Config, log *logrus.Entry) *items.Handler {
	return &items.Handler{
		Table:  dynamo.NewItems(dynamodb.NewFromConfig(sdk), cfg.Table, cfg.Key.Partition),
		Key:    cfg.Key.Partition,
		Failed: func(err error) { log.WithError(err).Error("table failed") },
	}
}
