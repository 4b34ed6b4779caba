package main

import (
	"context"
	"fmt"

	sdkaws "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/spf13/cobra"

	"rollcall/internal/replay"
)

func newReplayBucket() *cobra.Command {
	var f replayFlags
	var since, until string
	cmd := &cobra.Command{
		Use:   "bucket s3://BUCKET[/PREFIX]",
		Short: "Replay the failed batches of the on-failure bucket",
		Long: `Replay the failed batches that Lambda put into the on-failure bucket, with their whole records. No object is changed or
deleted; --since and --until choose by the time at which it was put there.
` + onlyIntents + `

A replay that was interrupted goes on where it stopped when it is started again within a day with the same flags.`,
		Example: `  rollcall replay bucket s3://people-failures --since 24h
  rollcall replay bucket s3://people-failures/aws/lambda --since 2026-01-31T09:00:00Z --until 2026-01-31T12:00:00Z --dry-run`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return f.bucket(cmd, args[0], since, until) },
	}
	cmd.Flags().StringVar(&since, "since", "", "leave out what was put there before: how long ago, 2h, or when, 2026-01-31T09:00:00Z")
	cmd.Flags().StringVar(&until, "until", "", "leave out what was put there at this time or after")
	f.register(cmd, true)
	return cmd
}

func (f *replayFlags) bucket(cmd *cobra.Command, place, since, until string) error {
	from, err := replay.ParsePlace(place)
	if err != nil {
		return usageError(err)
	}
	first, err := momentOf("since", since)
	if err != nil {
		return err
	}
	last, err := momentOf("until", until)
	if err != nil {
		return err
	}
	sdk, err := f.awsOnly(cmd, "replay bucket")
	if err != nil {
		return err
	}
	return f.run(cmd, replaySource{
		name: fmt.Sprintf("bucket %s since %q until %q", from, since, until),
		read: func(ctx context.Context, _ *target, o replay.Options) (replay.Report, error) {
			return replay.Bucket(ctx, bucketClient(sdk), from, first, last, o)
		},
	})
}

// bucketClient is the client of S3. An endpoint set in the environment is that of a server which has its buckets below one
// host name.
func bucketClient(sdk sdkaws.Config) *s3.Client {
	return s3.NewFromConfig(sdk, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
}
