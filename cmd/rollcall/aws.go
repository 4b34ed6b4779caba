package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"rollcall/internal/awssdk"
)

// loadAWS configures AWS's SDK as its own tools do it: from the environment, profiles, SSO and the rest. Nothing is
// called.
func loadAWS(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return aws.Config{}, fmt.Errorf("load AWS configuration: %w", err)
	}
	cfg.HTTPClient = awssdk.HTTPClient(cfg.HTTPClient, awssdk.AnswerWithin)
	return cfg, nil
}
