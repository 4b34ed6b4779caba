// Command flusher is the Lambda function that takes intents from the queue, asks the table who those people are now, and
// tells Okta. It is invoked every minute by EventBridge Scheduler, one run at a time. Invoked with {"command":"sync"} it
// enqueues all active people instead.
package main

import (
	"errors"
	"os"

	"rollcall/internal/aws"
	"rollcall/internal/awssdk"
	"rollcall/internal/function"
)

func main() {
	cfg, configErr := function.Config(aws.Required()...)
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
	function.StartInterruptible(h, os.Exit)
}
