package main

import (
	"context"

	"github.com/spf13/cobra"

	"rollcall/internal/replay"
)

func newReplayExport() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "export s3://BUCKET/[PREFIX/]AWSDynamoDB/ID",
		Short: "Replay a point-in-time export of the table",
		Long: `Replay a full or incremental point-in-time export of the table, in DynamoDB JSON. The checksums of its manifests and of
each data file are verified before anything of it is used. A file that is corrupt or cannot be read is named and nothing of
it is used; the others go on, and the exit code is then 1. Data files are copied one at a time into a temporary file, which
is removed.
` + onlyIntents + `

People of a full export whose item is no longer in the table are left as they are in Okta, those too who are inactive in it.
An incremental export also says whose item was deleted: if it is still not in the table, the person is deactivated.

A replay that was interrupted goes on with the line at which it stopped when it is started again within a day.`,
		Example: `  rollcall replay export s3://people-backups/AWSDynamoDB/01693685827463-2d8752fd
  rollcall replay export s3://people-backups/AWSDynamoDB/01693685827463-2d8752fd --dry-run`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return f.export(cmd, args[0]) },
	}
	f.register(cmd, true)
	return cmd
}

func (f *replayFlags) export(cmd *cobra.Command, place string) error {
	from, err := replay.ParsePlace(place)
	if err != nil {
		return usageError(err)
	}
	return f.onAWS(cmd, "replay export", replaySource{
		name:  "export " + from.String(),
		parts: "files",
		read: func(ctx context.Context, t *target, o replay.Options) (replay.Report, error) {
			return replay.Export(ctx, bucketClient(t.SDK), from, o)
		},
	})
}
