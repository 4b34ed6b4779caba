package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	sqsapi "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/spf13/cobra"

	"rollcall/internal/replay"
	"rollcall/internal/sqs"
)

func newReplayQueue() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "queue URL",
		Short: "Replay the failed batches that an on-failure queue tells of",
		Long: `Replay the failed batches that an on-failure queue tells of: Lambda puts there where in the stream the records are. They
are read from the stream, enqueued, and the message is deleted. Where the stream no longer has them, after 24 hours, it is
said which are lost, the message is kept, the rest goes on, and the exit code is 1: rollcall sync then recovers whom they
were about.
` + onlyIntents + `

The queue itself remembers what is done. A replay that was killed hides what it had in hand for an hour.`,
		Example: `  rollcall replay queue https://sqs.eu-central-1.amazonaws.com/123456789012/people-failures
  rollcall replay queue https://sqs.eu-central-1.amazonaws.com/123456789012/people-failures --dry-run`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return f.queue(cmd, args[0]) },
	}
	f.register(cmd, false)
	return cmd
}

func (f *replayFlags) queue(cmd *cobra.Command, url string) error {
	sdk, err := f.awsOnly(cmd, "replay queue")
	if err != nil {
		return err
	}
	failures, err := sqs.New(sqsapi.NewFromConfig(sdk), url, sqs.Options{})
	if err != nil {
		return usageError(err)
	}
	return f.run(cmd, replaySource{
		read: func(ctx context.Context, _ *target, o replay.Options) (replay.Report, error) {
			return replay.FailedBatches(ctx, failures, dynamodbstreams.NewFromConfig(sdk), o)
		},
	})
}
