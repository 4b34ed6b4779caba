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
said which range of which shard is lost, how many records about and of when; whose they were only they could have told.
The message is kept, the rest goes on, and the exit code is 1: rollcall sync recovers whom they were about, and rollcall sync
--deactivate-missing whose items were deleted. A message of another table's stream is kept too.
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
	if _, err := sqs.New(nil, url, sqs.Options{}); err != nil {
		return usageError(err)
	}
	return f.onAWS(cmd, "replay queue", replaySource{
		read: func(ctx context.Context, t *target, o replay.Options) (replay.Report, error) {
			failures, err := sqs.New(sqsapi.NewFromConfig(t.SDK), url, sqs.Options{})
			if err != nil {
				return replay.Report{}, err
			}
			shape, err := t.AWS.Table.Describe(ctx)
			if err != nil {
				return replay.Report{}, err
			}
			return replay.FailedBatches(ctx, failures, dynamodbstreams.NewFromConfig(t.SDK), shape.ARN, o)
		},
	})
}
