package aws

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
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
	case err != nil:
		return "", fmt.Errorf("read secret of okta.secretArn: %w", err)
	case out.SecretString == nil:
		return "", errors.New("read secret of okta.secretArn: it is binary: put the token or the key into it as text")
	}
	return *out.SecretString, nil
}
