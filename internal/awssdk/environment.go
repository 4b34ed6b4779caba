package awssdk

import (
	"context"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// environment answers what each of the SDK's clients asks when it is made, under the names that the SDK gives to the
// questions.
type environment struct{}

// GetServiceBaseEndpoint returns the endpoint of one service: AWS_ENDPOINT_URL_SECRETS_MANAGER for Secrets Manager.
func (environment) GetServiceBaseEndpoint(_ context.Context, sdkID string) (string, bool, error) {
	url := os.Getenv("AWS_ENDPOINT_URL_" + strings.ReplaceAll(strings.ToUpper(sdkID), " ", "_"))
	return url, url != "", nil
}

// GetIgnoreConfiguredEndpoints reports whether none of the endpoints given counts.
func (environment) GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error) {
	return ignoresEndpoints(), true, nil
}

// GetUseFIPSEndpoint reports whether endpoints must be validated by FIPS 140.
func (environment) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	if isTrue("AWS_USE_FIPS_ENDPOINT") {
		return aws.FIPSEndpointStateEnabled, true, nil
	}
	return aws.FIPSEndpointStateUnset, false, nil
}

// GetUseDualStackEndpoint reports whether endpoints must be reachable by IPv6.
func (environment) GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error) {
	if isTrue("AWS_USE_DUALSTACK_ENDPOINT") {
		return aws.DualStackEndpointStateEnabled, true, nil
	}
	return aws.DualStackEndpointStateUnset, false, nil
}

func ignoresEndpoints() bool { return isTrue("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") }

func isTrue(name string) bool { return strings.EqualFold(os.Getenv(name), "true") }
