package main

import (
	"context"
	"errors"
	"fmt"

	sdkaws "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/spf13/cobra"

	"rollcall/internal/replay"
)

func newReplayBucket() *cobra.Command {
	var f replayFlags
	since, until := momentFlag{name: "since"}, momentFlag{name: "until"}
	cmd := &cobra.Command{
		Use:   "bucket s3://BUCKET[/PREFIX]",
		Short: "Replay the failed batches of the on-failure bucket",
		Long: `Replay the failed batches that Lambda put into the on-failure bucket, with their whole records. No object is changed or
deleted; --since and --until choose by the time at which it was put there. An object that cannot be read, or is no failed
batch, is named, the rest goes on, and the exit code is then 1.
` + onlyIntents + `

A replay that was interrupted goes on where it stopped when it is started again within a day with the same flags. Without
--until it ends with the time at which it was first started: what was put there later needs another run.`,
		Example: `  rollcall replay bucket s3://people-failures --since 24h
  rollcall replay bucket s3://people-failures/aws/lambda --since 2026-01-31T09:00:00Z --until 2026-01-31T12:00:00Z --dry-run`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return f.bucket(cmd, args[0], since, until) },
	}
	cmd.Flags().StringVar(&since.text, "since", "", "leave out what was put there before: how long ago, 2h, or when, 2026-01-31T09:00:00Z")
	cmd.Flags().StringVar(&until.text, "until", "", "leave out what was put there at this time or after")
	f.register(cmd, true)
	return cmd
}

func (f *replayFlags) bucket(cmd *cobra.Command, place string, since, until momentFlag) error {
	from, err := replay.ParsePlace(place)
	if err != nil {
		return usageError(err)
	}
	first, begin, err := since.read()
	if err != nil {
		return err
	}
	last, end, err := until.read()
	switch {
	case err != nil:
		return err
	case first != nil && last != nil && !begin.Before(end):
		return usageError(errors.New("--since is not before --until: nothing can have been put there between"))
	}
	return f.onAWS(cmd, "replay bucket", replaySource{
		name: fmt.Sprintf("bucket %s since %q until %q", from, since.text, until.text),
		read: func(ctx context.Context, t *target, o replay.Options) (replay.Report, error) {
			return replay.Bucket(ctx, bucketClient(t.SDK), from, first, last, o)
		},
	})
}

// bucketClient is the client of S3. An endpoint set in the environment is that of a server which has its buckets below one
// host name.
func bucketClient(sdk sdkaws.Config) *s3.Client {
	return s3.NewFromConfig(sdk, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
}
