package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	cloudwatchapi "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/spf13/cobra"

	"rollcall/batcher"
	"rollcall/internal/cloudwatch"
	"rollcall/internal/config"
	"rollcall/internal/status"
)

func newStatus() *cobra.Command {
	var (
		where    targetFlags
		output   outputFlags
		function string
	)
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell how the house is doing; exit code 4 means not well",
		Long: fmt.Sprintf(`Tell how the house is doing: mode, lease, next try, queues and the age of their oldest message, sessions that Okta is
importing, how the latest ended and how long their changes took from the table to their end, people held and rejected,
deactivations of the last 24 h against the guard's limit; on AWS also how far the stream-handler is behind the table.

Everything is read from the queues, the control table and CloudWatch; Okta is not called. What cannot be read is told on
standard error. Of CloudWatch's ages that does not change the exit code; a queue that cannot be read is a reason, and
without the control table there is no status.

The exit code is 0 if all is well and 4 if not, which is for any of:
  - the flusher is paused or set to observe-only
  - more than %d flushes failed in a row
  - a queue cannot be read, or its oldest message is older than %s
  - the stream-handler is more than %s behind the table
  - a session has been importing for more than %s
  - the latest session did not end in COMPLETED
  - anybody is held or rejected`, status.MaxFailures, spoken(status.MaxMessageAge), spoken(status.MaxBehind),
			spoken(batcher.DefaultTiming().Overdue)),
		Example: `  rollcall status
  rollcall status --output json
  rollcall status --data .rollcall`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			t, err := where.open(cmd)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, t.Close()) }()
			s, err := statusSource(t, function).Read(cmd.Context())
			if err != nil {
				return fmt.Errorf("read status: %w", err)
			}
			return printStatus(cmd, output, s)
		},
	}
	where.register(cmd)
	cmd.Flags().StringVar(&function, "stream-handler", "", "name of the stream-handler's function on AWS; by default that of the deployment of the intents queue")
	output.register(cmd)
	return cmd
}

// spoken is a duration of whole minutes in words.
func spoken(d time.Duration) string { return counted(int(d/time.Minute), "minute", "minutes") }

// statusSource is where the status of a target is read from.
func statusSource(t *target, function string) status.Source {
	source := status.Source{Control: t.Control, Flusher: t.Flusher, Queues: t.queues()}
	if t.AWS != nil {
		if function == "" {
			function = deploymentName(t.Config) + "-stream-handler"
		}
		source.Stream, source.StreamHandler = functionStream{cloudwatchapi.NewFromConfig(t.SDK), function}, function
	}
	return source
}

// queues are the target's queues, with the age of their oldest messages where something knows it.
func (t *target) queues() []status.NamedQueue {
	if t.AWS == nil {
		all := []status.NamedQueue{{Name: "intents", Queue: t.Queue}}
		if t.Config.Urgent.Enabled {
			all = append(all, status.NamedQueue{Name: "urgent", Queue: t.House.Urgent})
		}
		return all
	}
	client := cloudwatchapi.NewFromConfig(t.SDK)
	queue := func(name string, q status.Depther, url string) status.NamedQueue {
		return status.NamedQueue{Name: name, Queue: q, Oldest: func(ctx context.Context) (time.Duration, error) {
			return cloudwatch.Oldest(ctx, client, path.Base(url))
		}}
	}
	all := []status.NamedQueue{queue("intents", t.AWS.Intents, t.Config.Queue.Intents)}
	if t.AWS.Urgent != nil {
		all = append(all, queue("urgent", t.AWS.Urgent, t.Config.Queue.Urgent))
	}
	return all
}

// deploymentName is the name under which a deployment was made, which its queue's begins with.
func deploymentName(settings config.Config) string {
	if name, ok := strings.CutSuffix(path.Base(settings.Queue.Intents), "-intents"); ok && name != "" {
		return name
	}
	return "rollcall"
}

// functionStream is the stream as the function sees it that reads it.
type functionStream struct {
	client   cloudwatch.Client
	function string
}

func (f functionStream) Behind(ctx context.Context) (time.Duration, error) {
	return cloudwatch.Behind(ctx, f.client, f.function)
}

func printStatus(cmd *cobra.Command, output outputFlags, s status.Status) error {
	for _, part := range s.Unknown {
		fmt.Fprintf(cmd.ErrOrStderr(), "not known: %s\n", part)
	}
	if err := output.document(cmd, s, statusTable(s)); err != nil {
		return err
	}
	if s.Healthy() {
		output.summary(cmd, "healthy")
		return nil
	}
	if !output.json() {
		for _, reason := range s.Unhealthy {
			fmt.Fprintf(cmd.OutOrStdout(), "! %s%s\n", reason.Text, whatToDo[reason.Kind])
		}
	}
	output.summary(cmd, "unhealthy: %s", counted(len(s.Unhealthy), "reason", "reasons"))
	return &exitError{code: exitUnhealthy}
}

// whatToDo is what to do about a reason, as far as that is a command's.
var whatToDo = map[status.Kind]string{
	status.NotRunning: ": rollcall resume ends it",
	status.Overdue:    ": rollcall sessions list",
	status.HeldPeople: ": rollcall held list",
	status.Rejected:   ": rollcall rejects list",
}

func statusTable(s status.Status) (t table) {
	mode := s.Mode
	if !s.ChangedAt.IsZero() {
		mode += fmt.Sprintf(", set %s by %s", moment(s.ChangedAt), s.ChangedBy)
	}
	t.add("mode", mode)
	lease, next := "free", "now"
	if !s.LeasedUntil.IsZero() {
		lease = "a run is at work, until " + moment(s.LeasedUntil) + " if it does not renew it"
	}
	if !s.NextTry.IsZero() {
		next = moment(s.NextTry)
	}
	if s.Failures > 0 {
		next += fmt.Sprintf(", after %s", counted(s.Failures, "failure", "failures in a row"))
	}
	t.add("lease", lease)
	t.add("next try", next)
	for _, q := range s.Queues {
		t.add("queue "+q.Name, depth(q))
	}
	switch {
	case s.Behind != nil:
		t.add("stream-handler", age(s.Behind)+" behind the table")
	case s.StreamHandler != "":
		t.add("stream-handler", "not known: CloudWatch told no iterator age of "+s.StreamHandler+" lately")
	}
	for _, w := range s.Watched {
		t.add("importing", fmt.Sprintf("%s since %s, %s", w.Session, moment(w.Triggered), counted(w.People, "person", "people")))
	}
	for _, o := range s.Sessions {
		took := ""
		if o.Slowest > 0 {
			took = fmt.Sprintf(", from change to end %s, slowest %s", age(&o.Median), age(&o.Slowest))
		}
		t.add("ended", fmt.Sprintf("%s %s %s, %s%s", o.Session, moment(o.Ended), o.Status, counted(o.People, "person", "people"), took))
	}
	t.add("held", counted(s.Held, "person", "people"))
	t.add("rejects", fmt.Sprint(s.Rejects))
	limit := fmt.Sprintf("the guard holds beyond %d", s.Limit)
	if s.Limit < 0 {
		limit = "the guard's limit is not known"
	}
	t.add("deactivated", fmt.Sprintf("%d in 24 h; %s", s.Deactivated, limit))
	return t
}

// depth is what waits in a queue, as a table shows it.
func depth(q status.Queue) string {
	return fmt.Sprintf("%d waiting, %d in work or put off, oldest %s", q.Visible, q.Hidden, age(q.Oldest))
}

// age is a number of seconds as a table shows it.
func age(seconds *float64) string {
	if seconds == nil {
		return "not known"
	}
	return span(time.Duration(*seconds * float64(time.Second)))
}
