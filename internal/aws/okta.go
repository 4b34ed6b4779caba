package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"rollcall/internal/config"
	"rollcall/internal/credential"
	"rollcall/internal/version"
	"rollcall/okta"
)

// NewOkta makes the client of Okta alone, for what is to be done before anything else exists on AWS. Secrets Manager is
// asked only where the credentials are in a secret.
func NewOkta(sdk aws.Config, cfg config.Okta, o Options) (*okta.Client, *okta.Authority, error) {
	return newOkta(secretsmanager.NewFromConfig(sdk), cfg, o)
}

func newOkta(secrets secretsClient, cfg config.Okta, o Options) (*okta.Client, *okta.Authority, error) {
	agent := "rollcall/" + version.String()
	authority, err := okta.NewAuthority(okta.AuthConfig{
		OrgURL: cfg.OrgURL, Optional: o.Scopes, Transport: o.Transport, UserAgent: agent, RateShare: cfg.RateShare,
		Trouble: func(err error) {
			if o.Log != nil {
				o.Log.WithError(err).Warn("token not renewed, the old one serves on")
			}
		},
		Source: credential.Source(cfg, func(ctx context.Context) (string, error) { return secretText(ctx, secrets, cfg.SecretARN) }),
	})
	if err != nil {
		return nil, nil, err
	}
	client, err := okta.New(okta.Config{
		OrgURL: cfg.OrgURL, IdentitySourceID: cfg.IdentitySourceID, Authorizer: authority,
		Transport: o.Transport, RateShare: cfg.RateShare, Observe: o.Called, UserAgent: agent,
	})
	return client, authority, err
}
