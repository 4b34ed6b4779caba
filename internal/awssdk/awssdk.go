// Package awssdk is how the functions configure AWS's SDK: from the environment that Lambda gives them, and from nothing
// else. The SDK's own loader knows profiles, SSO and metadata services besides, code that a function would carry,
// initialize at each cold start, and never run; the command line uses that one.
package awssdk

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// FromEnvironment returns what the environment says: region, credentials, retries (AWS_RETRY_MODE, AWS_MAX_ATTEMPTS), and
// the endpoints of AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>. Nothing is called. Lambda changes a function's
// credentials by starting a new process, so that they are read once. The error joins all that is wrong.
func FromEnvironment() (aws.Config, error) {
	var problems []error
	needed := func(name, alternative string) string {
		value := os.Getenv(name)
		if value == "" && alternative != "" {
			value = os.Getenv(alternative)
		}
		if value == "" {
			problems = append(problems, fmt.Errorf("%s: must be set", name))
		}
		return value
	}
	cfg := aws.Config{
		Region: needed("AWS_REGION", "AWS_DEFAULT_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			needed("AWS_ACCESS_KEY_ID", ""), needed("AWS_SECRET_ACCESS_KEY", ""), os.Getenv("AWS_SESSION_TOKEN")),
		HTTPClient:    HTTPClient(nil, AnswerWithin),
		AppID:         os.Getenv("AWS_SDK_UA_APP_ID"),
		ConfigSources: []any{environment{}},
	}
	var err error
	if mode := os.Getenv("AWS_RETRY_MODE"); mode != "" {
		if cfg.RetryMode, err = aws.ParseRetryMode(mode); err != nil {
			problems = append(problems, errors.New("AWS_RETRY_MODE: must be standard or adaptive"))
		}
	}
	if most := os.Getenv("AWS_MAX_ATTEMPTS"); most != "" {
		if cfg.RetryMaxAttempts, err = strconv.Atoi(most); err != nil || cfg.RetryMaxAttempts < 1 {
			problems = append(problems, errors.New("AWS_MAX_ATTEMPTS: must be a number from 1 on"))
		}
	}
	if url := os.Getenv("AWS_ENDPOINT_URL"); url != "" && !ignoresEndpoints() {
		cfg.BaseEndpoint = &url
	}
	return cfg, errors.Join(problems...)
}
