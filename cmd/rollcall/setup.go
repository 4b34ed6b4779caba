package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"rollcall/internal/aws"
	"rollcall/internal/config"
	"rollcall/internal/credential"
	"rollcall/internal/setup"
	"rollcall/okta"
)

// setupFlags are the flags of rollcall setup okta.
type setupFlags struct {
	target targetFlags
	write  writeFlags
	app    string
	// targets are attributes of the Okta user by those of the app.
	targets map[string]string
}

func newSetup() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "setup",
		Short:   "Create what an installation needs and does not have",
		Example: "  rollcall setup okta --dry-run",
		Args:    usageArgs(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSetupOkta())
	return cmd
}

func newSetupOkta() *cobra.Command {
	f := setupFlags{target: targetFlags{scopes: credential.ToSetUp}}
	cmd := &cobra.Command{
		Use:   "okta",
		Short: "Declare the mapped attributes in the app of the identity source, and map them to the Okta user",
		Long: `Declare the custom attributes of the mapping that the app of the identity source lacks, and map them to attributes of
the same name of the Okta user. It shows what it would do and asks. What is there already stays as it is, so that a
second time there is nothing to do; what only an admin can do is listed each time.

An API token or a service app with okta.schemas.manage and okta.profileMappings.manage is needed, for this only. Nothing
on AWS need exist yet, unless the credentials are in a secret.`,
		Example: `  rollcall setup okta --app 0oa1a2b3c4d5e6f7g8h9 --dry-run
  OKTA_API_TOKEN=… rollcall setup okta --config rollcall.yaml --target costCentre=costCenter`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runSetupOkta(cmd, &f) },
	}
	f.target.register(cmd)
	f.write.register(cmd)
	cmd.Flags().StringVar(&f.app, "app", "", "ID of the Custom Identity Source app, 0oa…, if not okta.identitySourceId")
	cmd.Flags().StringToStringVar(&f.targets, "target", nil, "attribute of the Okta user that an attribute goes to, if its name is another")
	return cmd
}

func runSetupOkta(cmd *cobra.Command, f *setupFlags) (err error) {
	cfg, client, done, err := f.open(cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	attributes := slices.Sorted(maps.Keys(cfg.Mapping.Profile))
	for _, name := range slices.Sorted(maps.Keys(f.targets)) {
		if !slices.Contains(attributes, name) {
			return usageError(fmt.Errorf("--target %s: the mapping has no such attribute", name))
		}
	}
	plan, err := setup.Make(cmd.Context(), client, attributes, f.targets)
	if err != nil {
		return withScope(err)
	}
	shown := planned(plan)
	if err := shown.print(cmd.OutOrStdout()); err != nil {
		return err
	}
	app := client.IdentitySourceID()
	switch {
	case plan.Empty() && len(plan.Left) == 0:
		fmt.Fprintf(cmd.OutOrStdout(), "nothing to do in the app %s\n", app)
		return nil
	case plan.Empty():
		fmt.Fprintf(cmd.OutOrStdout(), "%s in the app %s\n", byHand(plan), app)
		return nil
	case f.write.dryRun:
		fmt.Fprintf(cmd.OutOrStdout(), "would declare %s and map %d in the app %s\n", counted(len(plan.Declare), "attribute", "attributes"), len(plan.Map), app)
		return nil
	}
	if err := f.write.confirm(cmd, fmt.Sprintf("declare %s and map %d in the app %s?", counted(len(plan.Declare), "attribute", "attributes"), len(plan.Map), app)); err != nil {
		return err
	}
	if err := plan.Apply(cmd.Context(), client, func(what string) { fmt.Fprintln(cmd.OutOrStdout(), what) }); err != nil {
		return withScope(err)
	}
	if len(plan.Left) > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "%s in the app %s\n", byHand(plan), app)
	}
	return nil
}

// byHand says how much is left to an admin.
func byHand(p setup.Plan) string {
	return counted(len(p.Left), "thing is", "things are") + " left to be done by hand, as listed above,"
}

// open makes the client of Okta: a house's, or one that needs nothing of AWS but the secret.
func (f *setupFlags) open(cmd *cobra.Command) (config.Config, *okta.Client, func() error, error) {
	if f.target.dir != "" {
		t, err := f.target.openFolder(cmd.Context(), cmd.ErrOrStderr())
		if err != nil {
			return config.Config{}, nil, nil, err
		}
		if app := t.Okta.IdentitySourceID(); f.app != "" && f.app != app {
			return config.Config{}, nil, nil, errors.Join(usageError(fmt.Errorf("--app: the house's app is %s", app)), t.Close())
		}
		return t.Config, t.Okta, t.Close, nil
	}
	cfg, err := f.target.load("okta.orgUrl", "okta.secretArn")
	if err != nil {
		return cfg, nil, nil, err
	}
	if f.app != "" {
		cfg.Okta.IdentitySourceID = f.app
	}
	if cfg.Okta.IdentitySourceID == "" {
		return cfg, nil, nil, usageError(errors.New("name the app of the identity source: --app 0oa…, or okta.identitySourceId"))
	}
	sdk, err := loadAWS(cmd.Context())
	if err != nil {
		return cfg, nil, nil, err
	}
	client, _, err := aws.NewOkta(sdk, cfg.Okta, aws.Options{Scopes: f.target.scopes})
	return cfg, client, func() error { return nil }, err
}

// withScope adds to a 403 what it is for want of.
func withScope(err error) error {
	if okta.IsForbidden(err) {
		return fmt.Errorf("%w: grant the service app okta.schemas.manage and okta.profileMappings.manage for the time of the setup, "+
			"or give an admin's API token in OKTA_API_TOKEN", err)
	}
	return err
}

// planned shows a plan.
func planned(p setup.Plan) table {
	t := table{header: []string{"ACTION", "ATTRIBUTE", "AS"}}
	for _, a := range p.Declare {
		t.add("declare", a.Name, fmt.Sprintf("%s, %q", a.Type, a.Title))
	}
	for _, m := range p.Map {
		as := "of the Okta user: " + m.Expression + ", at updates too"
		if !m.Known {
			as += "; the Okta user's profile must have it"
		}
		t.add("map", m.Target, as)
	}
	for _, left := range p.Left {
		t.add("left", "", left)
	}
	return t
}
