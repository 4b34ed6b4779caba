package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/internal/flushlog"
	"rollcall/internal/local"
	"rollcall/okta/oktasim"
)

// localOptions are the flags of rollcall local.
type localOptions struct {
	listen, dir, file, output string
	org                       oktasimFlags
}

func newLocal() *cobra.Command {
	var o localOptions
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Run the whole house in this process: table, queue, flusher, simulated Okta org",
		Long: `Run the whole house in this process until interrupted, with no AWS account and no Okta org: a table behind an items
API, its change records, a queue, the flusher, and a simulated Okta org with a page that shows its directory.

Settings are read from rollcall.yaml and the environment; of those that say where things are on AWS and at Okta only
okta.identitySourceId is used. With --client-id the flusher calls the org as that service app, by OAuth, and --client-key
must hold its private key.

Everything is kept in the folder of --data: a restart goes on where it stopped, also after a kill. Ctrl-C finishes the
flush in hand, which may take its minutes; a second Ctrl-C ends at once.`,
		Example: `  rollcall local --listen 127.0.0.1:8080 --data .rollcall
  rollcall local --rate-limit 0 --cooldown 0 --output json
  rollcall local --client-id 0oaApp --client-key app.pem --client-key-id kid1`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runLocal(cmd, &o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address of the items API and the org's page; port 0 takes a free one")
	flags.StringVar(&o.dir, "data", ".rollcall", "folder that keeps everything, for one house at a time")
	addConfigFlag(cmd, &o.file)
	flags.StringVar(&o.output, "output", "text", "text, or json for one line that programs can read")
	o.org.register(cmd)
	return cmd
}

func runLocal(cmd *cobra.Command, o *localOptions) (err error) {
	if o.output != "text" && o.output != "json" {
		return usageError(fmt.Errorf("--output is text or json, not %q", o.output))
	}
	org, err := o.org.config()
	if err != nil {
		return err
	}
	settings, err := loadConfig(o.file) // what only AWS and Okta need may be missing
	if err != nil {
		return err
	}
	if id := settings.Okta.IdentitySourceID; id != "" && !cmd.Flags().Changed("identity-source") {
		org.IdentitySourceID = id
	}
	log := newLog(cmd.ErrOrStderr(), settings.Log.Level)
	house, err := local.Open(cmd.Context(), local.Options{
		Dir: o.dir, Config: settings, Org: org, Source: o.org.client.source(), Listen: o.listen, Timing: local.Timing(settings.Gather, org),
		Log: log, Observe: func(r batcher.Report) { flushlog.Log(log, r) },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, house.Close()) }()
	if err := announce(cmd.OutOrStdout(), o.output, house, settings, org); err != nil {
		return err
	}
	defer context.AfterFunc(cmd.Context(), func() {
		fmt.Fprintln(cmd.ErrOrStderr(), "Finishing the flush in hand. Ctrl-C again ends at once; nothing is lost by it.")
	})()
	return house.Run(cmd.Context())
}

// announce prints where the house can be reached.
func announce(out io.Writer, output string, house *local.House, settings config.Config, org oktasim.Config) error {
	if output == "json" {
		return json.NewEncoder(out).Encode(map[string]string{
			"itemsUrl": house.URL + "/items", "oktaUrl": house.URL, "identitySourceId": org.IdentitySourceID,
		})
	}
	_, err := fmt.Fprintf(out, `rollcall is running; Ctrl-C ends it.

  items API   %[1]s/items
  Okta (sim)  %[1]s/

Try:

  %[2]s

`, house.URL, strings.Join(firstSteps(house.URL, settings, house.Mapping), "\n  "))
	return err
}

// newLog is the log of a command: to standard error, as text.
func newLog(out io.Writer, level string) *logrus.Entry {
	log := logrus.New()
	log.SetOutput(out)
	if parsed, err := logrus.ParseLevel(level); err == nil {
		log.SetLevel(parsed)
	}
	return logrus.NewEntry(log)
}
