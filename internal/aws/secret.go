package aws

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"rollcall/okta"
)

// secretsClient is what is called of Secrets Manager.
type secretsClient interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

var _ secretsClient = (*secretsmanager.Client)(nil)

// secretText reads the text of a secret's current version. The error never holds it.
func secretText(ctx context.Context, client secretsClient, arn string) (string, error) {
	out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	switch {
	case isNoValue(err):
		return "", fmt.Errorf("read secret of okta.secretArn: %w: it has no value, or is not there: put the API token or the private key into it: %w", okta.ErrMisconfigured, err)
	case err != nil:
		return "", fmt.Errorf("read secret of okta.secretArn: %w", err)
	case out.SecretString == nil:
		return "", fmt.Errorf("read secret of okta.secretArn: %w: it is binary: put the token or the key into it as text", okta.ErrMisconfigured)
	}
	return *out.SecretString, nil
}

// isNoValue reports that Secrets Manager knows no such secret, or no value of it: a new secret has none.
func isNoValue(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing)
}
