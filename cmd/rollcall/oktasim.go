package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"rollcall/okta/oktasim"
)

// oktasimFlags are the simulated org's settings, but for where it listens and keeps its state.
type oktasimFlags struct {
	settings oktasim.Config
	reading  string
	userName string
	client   oktasimClient
}

// register adds the flags, with an org as Okta sets it up as the default.
func (f *oktasimFlags) register(cmd *cobra.Command) {
	c := &f.settings
	*c = oktasim.DefaultConfig()
	flags := cmd.Flags()
	flags.StringVar(&c.IdentitySourceID, "identity-source", c.IdentitySourceID, "id of the identity source and its app")
	flags.DurationVar(&c.Cooldown, "cooldown", c.Cooldown, "how long a create is refused after what --cooldown-reading says")
	flags.StringVar(&f.reading, "cooldown-reading", string(c.CooldownReading), "what the cooldown counts from: create, trigger (while still importing) or window (created and still active)")
	flags.IntVar(&c.RateLimit, "rate-limit", c.RateLimit, "Identity Sources calls a minute, 0 for any number")
	flags.IntVar(&c.AdminRateLimit, "admin-rate-limit", c.AdminRateLimit, "calls a minute of each other API, 0 for any number")
	flags.BoolVar(&c.UploadsApart, "uploads-apart", c.UploadsApart, "count uploads apart from the other Identity Sources calls")
	flags.IntVar(&c.Concurrency, "concurrency", c.Concurrency, "calls at work at once, 0 for any number")
	flags.DurationVar(&c.Latency, "latency", c.Latency, "how long a call takes")
	flags.DurationVar(&c.ImportTime, "import-time", c.ImportTime, "how long an import takes at least")
	flags.DurationVar(&c.PersonTime, "person-time", c.PersonTime, "how much longer an import takes for each person")
	flags.DurationVar(&c.StatusLag, "status-lag", c.StatusLag, "how long a loaded session still says CREATED")
	flags.BoolVar(&c.ListEnded, "list-ended", c.ListEnded, "list sessions that ended too")
	flags.BoolVar(&c.CreateWhileLoading, "create-while-loading", c.CreateWhileLoading, "let a session be created beside one in IN_PROGRESS")
	flags.BoolVar(&c.StrictKB, "strict-kb", c.StrictKB, "take 200 KB as 200,000 bytes, not 204,800")
	flags.StringSliceVar(&c.DeclaredAttributes, "attribute", c.DeclaredAttributes, "custom attributes of the app's profile")
	flags.BoolVar(&c.RefuseNullCustom, "refuse-null-custom", c.RefuseNullCustom, "refuse null for custom attributes")
	flags.BoolVar(&c.ReactivateDeactivated, "reactivate-deactivated", c.ReactivateDeactivated, "let an upsert bring a deactivated user back")
	flags.StringSliceVar(&c.Undeletable, "undeletable", nil, "externalIds that a call to delete the user is refused for")
	flags.DurationVar(&c.LogDelay, "log-delay", c.LogDelay, "how long after it happened something is in the System Log")
	flags.StringVar(&f.userName, "same-user-name", string(c.SameUserName), "a new externalId with a userName in use: separate, match or clash")
	flags.Float64Var(&c.ErrorRate, "error-rate", c.ErrorRate, "share of calls that fail by chance, 0 to 1")
	flags.Float64Var(&c.ImportErrorRate, "import-error-rate", c.ImportErrorRate, "share of imports that end in ERROR by chance, 0 to 1")
	flags.Float64Var(&c.ErrorApplies, "error-applies", c.ErrorApplies, "share of people that an import in ERROR applies all the same, 0 to 1")
	flags.StringSliceVar(&c.Poison, "poison", nil, "externalIds with which an import ends in ERROR")
	flags.DurationVar(&c.TokenLife, "token-life", time.Hour, "how long an access token lives")
	flags.DurationVar(&c.NonceLife, "nonce-life", 24*time.Hour, "how long a DPoP nonce is taken")
	flags.BoolVar(&c.NonceOnCalls, "nonce-on-calls", c.NonceOnCalls, "demand the DPoP nonce on every call")
	flags.BoolVar(&c.FreshNonces, "fresh-nonces", c.FreshNonces, "give another DPoP nonce with each answer, and take the latest few")
	flags.BoolVar(&c.ConsentRequired, "consent-required", c.ConsentRequired, "refuse scopes that were not granted as consent_required, not as invalid_scope")
	f.client.register(cmd)
	flags.Uint64Var(&c.Seed, "seed", c.Seed, "what ids and chance are made from")
}

// config is the org that the flags describe, its token from OKTASIM_TOKEN.
func (f *oktasimFlags) config() (oktasim.Config, error) {
	c := f.settings
	c.CooldownReading = oktasim.CooldownReading(f.reading)
	c.SameUserName = oktasim.SameUserName(f.userName)
	if token := os.Getenv("OKTASIM_TOKEN"); token != "" {
		c.Token = token
	}
	clients, err := f.client.clients()
	if err != nil {
		return oktasim.Config{}, usageError(err)
	}
	c.Clients = clients
	if err := c.Validate(); err != nil {
		return oktasim.Config{}, usageError(fmt.Errorf("check oktasim's flags: %w", err))
	}
	return c, nil
}

func newOktasim() *cobra.Command {
	var flags oktasimFlags
	var listen, dir string
	cmd := &cobra.Command{
		Use:   "oktasim",
		Short: "Run a simulated Okta org with one identity source",
		Long: `Run a simulated Okta org with one identity source until interrupted. It enforces what Okta enforces.

Prints one line of JSON when it is ready. The page at / shows the directory and the import sessions;
/sim/users, /sim/users/{externalId}, /sim/sessions and /sim/calls are the same as JSON, and
POST /sim/faults orders faults, POST /sim/settings changes what the flags say. PUT /sim/clients replaces the service
apps that GET shows, with their keys, POST /sim/nonce the DPoP nonce; POST /sim/revoke ends all access tokens. The SSWS
token is taken from OKTASIM_TOKEN, else it is sim-token.`,
		Example: `  rollcall oktasim --listen 127.0.0.1:9090 --identity-source 0oa1 --data .oktasim
  rollcall oktasim --rate-limit 0 --cooldown 0
  rollcall oktasim --client-id 0oaApp --client-key app.pem --client-key-id kid1 --dpop
  curl -d '{"op":"bulk-upsert","count":2,"status":503}' http://127.0.0.1:9090/sim/faults`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := flags.config()
			if err != nil {
				return err
			}
			config.Dir = dir
			return runOktasim(cmd, config, listen)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:9090", "address to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&dir, "data", "", "folder that keeps the state, of one org at a time; none keeps it in memory")
	flags.register(cmd)
	return cmd
}

// runOktasim runs the org until the command's context is done. It listens before it touches the folder.
func runOktasim(cmd *cobra.Command, config oktasim.Config, listen string) error {
	listener, err := (&net.ListenConfig{}).Listen(cmd.Context(), "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	org, err := oktasim.New(config)
	if err != nil {
		return errors.Join(fmt.Errorf("start oktasim: %w", err), listener.Close())
	}
	err = serveOktasim(cmd, org, listener, config.IdentitySourceID)
	return errors.Join(err, org.Close())
}

// serveOktasim serves until the command's context is done.
func serveOktasim(cmd *cobra.Command, org http.Handler, listener net.Listener, identitySourceID string) error {
	ctx := cmd.Context()
	server := &http.Server{Handler: org, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	err := json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
		URL              string `json:"url"`
		IdentitySourceID string `json:"identitySourceId"`
	}{"http://" + listener.Addr().String(), identitySourceID})
	if err != nil {
		return errors.Join(fmt.Errorf("print address: %w", err), server.Close())
	}
	select {
	case err := <-stopped:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return server.Close()
	}
	return nil
}
