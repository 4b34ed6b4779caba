package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rollcall/internal/aws"
	"rollcall/internal/config"
	"rollcall/internal/credential"
	"rollcall/internal/doctor"
)

// examinationTime bounds doctor: long enough to wait for a window of the rate limit.
const examinationTime = 3 * time.Minute

func newDoctor() *cobra.Command {
	target := targetFlags{scopes: credential.ToExamine, tellsUnknown: true}
	var output outputFlags
	var oktaOnly bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the whole installation, and say what to do about what is wrong",
		Long: `Check the whole installation, from the configuration to the org's settings, and say what to do about what is wrong.
Nothing is changed. Of a sample of the table it tells counts and rules, never values.

A check that the token has no scope for is not made, and says which one it needs. What no API tells is listed to be
looked up. Exit code 4 means that a check failed.

With --okta-only it checks Okta's side alone, before there is anything on AWS: it needs okta.orgUrl,
okta.identitySourceId, the credentials and the mapping.`,
		Example: `  rollcall doctor --config rollcall.yaml
  rollcall doctor --okta-only --config rollcall.yaml
  rollcall doctor --data .rollcall --output json`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd, &target, oktaOnly, output) },
	}
	target.register(cmd)
	cmd.Flags().BoolVar(&oktaOnly, "okta-only", false, "check Okta's side alone, before there is anything on AWS")
	output.register(cmd)
	return cmd
}

func runDoctor(cmd *cobra.Command, flags *targetFlags, oktaOnly bool, output outputFlags) (err error) {
	subject := doctor.Subject{Unknown: config.UnknownVariables(os.Environ()), OktaOnly: oktaOnly}
	if oktaOnly && flags.dir == "" {
		if subject.Err = describeOkta(cmd.Context(), &subject, flags); errors.Is(subject.Err, os.ErrNotExist) {
			return subject.Err
		}
		return examine(cmd, subject, output)
	}
	t, err := flags.open(cmd)
	switch {
	case err == nil:
		defer func() { err = errors.Join(err, t.Close()) }()
		describe(&subject, t)
	case flags.dir != "" && len(config.Problems(err)) == 0, errors.Is(err, os.ErrNotExist):
		return err
	default:
		subject.Err = err
		_ = describeOkta(cmd.Context(), &subject, flags) // what is missing for it is among what is wrong already
	}
	return examine(cmd, subject, output)
}

// examine makes the checks and shows what they found.
func examine(cmd *cobra.Command, subject doctor.Subject, output outputFlags) error {
	ctx, cancel := context.WithTimeout(cmd.Context(), examinationTime)
	defer cancel()
	report := doctor.Examine(ctx, subject)
	if err := output.document(cmd, report, findings(report)); err != nil {
		return err
	}
	output.summary(cmd, "%s", diagnosis(report))
	if !report.Healthy {
		return &exitError{code: exitUnhealthy}
	}
	return nil
}

// describe makes a subject of a target's parts.
func describe(s *doctor.Subject, t *target) {
	s.Config, s.Mapping, s.Org, s.Log = t.Config, t.Mapping, t.Okta, t.Okta
	if t.House != nil {
		s.Config.Okta.IdentitySourceID = t.Okta.IdentitySourceID()
		s.Pages, s.Folder = t.House.Table, true
		return
	}
	s.Pages, s.AWS, s.Scopes = t.AWS.Table, t.AWS, t.AWS.Authority.Scopes
}

// describeOkta makes what there is of a subject whose configuration has mistakes, but not in what Okta needs: an org can be
// examined before there is anything on AWS.
func describeOkta(ctx context.Context, s *doctor.Subject, flags *targetFlags) error {
	settings, err := flags.load("okta.orgUrl", "okta.identitySourceId", "okta.secretArn")
	if err != nil {
		return err
	}
	compiled, err := settings.CompileMapping()
	if err != nil {
		return err
	}
	sdk, err := loadAWS(ctx)
	if err != nil {
		return err
	}
	client, authority, err := aws.NewOkta(sdk, settings.Okta, aws.Options{Scopes: flags.scopes})
	if err != nil {
		return err
	}
	s.Config, s.Mapping, s.Org, s.Log, s.Scopes = settings, compiled, client, client, authority.Scopes
	return nil
}

// findings shows each check, what to do about it below, and the questions at the end. Advice that was given already is not
// given in full again.
func findings(r doctor.Report) table {
	t := table{header: []string{"RESULT", "CHECK", "FOUND"}}
	given := map[string]string{}
	for _, f := range r.Checks {
		result, check := string(f.Result), f.Check
		for line := range strings.SplitSeq(f.Detail, "\n") {
			t.add(result, check, line)
			result, check = "", ""
		}
		switch first, again := given[f.Advice]; {
		case again:
			t.add("", "", "→ as for "+first)
		case f.Advice != "":
			t.add("", "", "→ "+f.Advice)
			given[f.Advice] = f.Check
		}
	}
	for _, q := range r.Questions {
		t.add("[ ]", "look up", q.Ask)
		t.add("", "", q.Where+"; else "+q.Else)
	}
	return t
}

// diagnosis is the line at the end.
func diagnosis(r doctor.Report) string {
	n := map[doctor.Result]int{}
	for _, f := range r.Checks {
		n[f.Result]++
	}
	return fmt.Sprintf("%s: %d ok, %d failed, %d not checked; %s to look up", map[bool]string{true: "healthy", false: "unhealthy"}[r.Healthy],
		n[doctor.OK], n[doctor.Failed], n[doctor.Unchecked], counted(len(r.Questions), "setting", "settings"))
}
