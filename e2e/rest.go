//go:build e2e

package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// rest makes a signed call of an AWS service that speaks REST and JSON, of which only a few calls are needed here: no
// module of the SDK is pulled in for them.
func (e *emulator) rest(t *testing.T, service, path string, body, into any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, *e.sdk.BaseEndpoint+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	hash := sha256.Sum256(text)
	keys, err := e.sdk.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, request, hex.EncodeToString(hash[:]), service, region, time.Now()); err != nil {
		t.Fatal(err)
	}
	answer := roundTrip(t, request)
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatalf("%s %s: %v", service, path, err)
		}
	}
}

// roundTrip sends a request that must succeed and returns the answer's body.
func roundTrip(t *testing.T, request *http.Request) []byte {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Fatalf("%s %s: %s, %v: %s", request.Method, request.URL.Path, response.Status, err, body)
	}
	return body
}

// gateway puts an HTTP API with payload version 2.0 before the items-api function and returns the host to ask for.
func (h *house) gateway(t *testing.T) string {
	t.Helper()
	var api struct{ APIID, APIEndpoint string }
	h.rest(t, "apigateway", "/v2/apis", map[string]any{"name": h.name, "protocolType": "HTTP"}, &api)
	var integration struct{ IntegrationID string }
	h.rest(t, "apigateway", "/v2/apis/"+api.APIID+"/integrations", map[string]any{
		"integrationType": "AWS_PROXY", "payloadFormatVersion": "2.0", "integrationUri": h.functionARN("items-api"),
	}, &integration)
	for _, route := range []string{"PUT /items", "GET /items", "GET /items/{id}", "DELETE /items/{id}"} {
		h.rest(t, "apigateway", "/v2/apis/"+api.APIID+"/routes", map[string]any{
			"routeKey": route, "target": "integrations/" + integration.IntegrationID,
		}, nil)
	}
	h.rest(t, "apigateway", "/v2/apis/"+api.APIID+"/stages", map[string]any{"stageName": "$default", "autoDeploy": true}, nil)
	return strings.TrimPrefix(strings.TrimPrefix(api.APIEndpoint, "http://"), "https://")
}

// api sends a request to the items API. Its host name cannot be resolved everywhere, so it stands in the header alone.
func (h *house) api(t *testing.T, host, method, path string, body any) []byte {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, *h.sdk.BaseEndpoint+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	request.Header.Set("Content-Type", "application/json")
	return roundTrip(t, request)
}

// schedule has EventBridge Scheduler invoke the flusher every minute.
func (h *house) schedule(t *testing.T) {
	t.Helper()
	h.rest(t, "scheduler", "/schedules/"+h.name, map[string]any{
		"ScheduleExpression": "rate(1 minute)", "FlexibleTimeWindow": map[string]string{"Mode": "OFF"},
		"Target": map[string]any{
			"Arn": h.functionARN("flusher"), "RoleArn": "arn:aws:iam::000000000000:role/scheduler", "Input": "{}",
			"RetryPolicy": map[string]int{"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
		},
	}, nil)
}

func (h *house) functionARN(function string) string {
	return fmt.Sprintf("arn:aws:lambda:%s:000000000000:function:%s", region, h.function(function))
}
