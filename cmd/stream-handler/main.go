// Command stream-handler is the Lambda function that a DynamoDB stream invokes: records in, intents onto the queue, and
// the records that could not be put there out.
package main

import (
	"errors"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"rollcall/internal/awssdk"
	"rollcall/internal/function"
)

func main() {
	cfg, configErr := function.Config("table", "queue.intents", "queue.urgent", "okta.identitySourceId")
	sdk, sdkErr := awssdk.FromEnvironment()
	log := function.NewLog(os.Stderr, cfg.Log.Level)
	function.TakeLambdaLog(log)
	if err := errors.Join(configErr, sdkErr); err != nil {
		function.Refuse(log, err)
		os.Exit(1)
	}
	h, err := newHandler(sdk, cfg, log, os.Stdout)
	if err != nil {
		function.Refuse(log, err)
		os.Exit(1)
	}
	lambda.Start(h)
}
