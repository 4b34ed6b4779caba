package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/spf13/cobra"

	"rollcall/internal/replay"
)

func newReplayStream() *cobra.Command {
	var f replayFlags
	since := momentFlag{name: "since"}
	cmd := &cobra.Command{
		Use:   "stream --since DURATION|TIME",
		Short: "Replay the table's stream since a time",
		Long: `Replay the records of the table's stream that were made since a time, until now: all shards, parents before children,
those too that come into being meanwhile. A stream keeps records for 24 hours; what is older, sync recovers.

It reads each shard beside the stream-handler. DynamoDB lets two read a shard, so do not run two of these at once.
` + onlyIntents + `

A replay that was interrupted goes on where it stopped when it is started again within a day with the same --since, and a
duration then counts from its first start.`,
		Example: `  rollcall replay stream --since 2h
  rollcall replay stream --since 2026-01-31T09:00:00Z --dry-run`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.stream(cmd, since) },
	}
	cmd.Flags().StringVar(&since.text, "since", "", "how long ago, 2h, or when, 2026-01-31T09:00:00Z; 24h at most")
	requireFlags(cmd, "since")
	f.register(cmd, true)
	return cmd
}

func (f *replayFlags) stream(cmd *cobra.Command, since momentFlag) error {
	moment, about, err := since.read()
	switch {
	case err != nil:
		return err
	case moment == nil || time.Since(about) > replay.Retention+time.Minute:
		return usageError(fmt.Errorf("--since %q: a stream keeps records for 24 hours; for what is older use rollcall sync", since.text))
	}
	return f.onAWS(cmd, "replay stream", replaySource{
		name: "stream since " + since.text,
		read: func(ctx context.Context, t *target, o replay.Options) (replay.Report, error) {
			shape, err := t.AWS.Table.Describe(ctx)
			if err != nil {
				return replay.Report{}, err
			}
			if shape.StreamARN == "" {
				return replay.Report{}, errors.New("the table has no stream")
			}
			return replay.Stream(ctx, dynamodbstreams.NewFromConfig(t.SDK), shape.StreamARN, moment, o)
		},
	})
}
