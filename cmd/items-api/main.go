// Command items-api is the Lambda function behind an API Gateway HTTP API that writes, reads and deletes the table's
// items. Whoever may call it may change who is in Okta: see docs/security.md.
package main

import (
	"errors"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"rollcall/internal/awssdk"
	"rollcall/internal/function"
)

func main() {
	cfg, configErr := function.Config("table")
	sdk, sdkErr := awssdk.FromEnvironment()
	log := function.NewLog(os.Stderr, cfg.Log.Level)
	function.TakeLambdaLog(log)
	if cfg.Key.Sort != "" {
		configErr = errors.Join(configErr, errors.New("key.sort: the items API is for tables without a sort key"))
	}
	if err := errors.Join(configErr, sdkErr); err != nil {
		function.Refuse(log, err)
		os.Exit(1)
	}
	lambda.Start(newHandler(sdk, cfg, log).HandleV2)
}
