package main

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rollcall/internal/awssdk"
)

// TestLoadAWSHeedsTheEnvironment calls a server that only AWS_CA_BUNDLE makes trustworthy, by the client that all must use.
func TestLoadAWSHeedsTheEnvironment(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") }))
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_CA_BUNDLE": bundle, "AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none",
		"AWS_SECRET_ACCESS_KEY": "none", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	cfg, err := loadAWS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqs.NewFromConfig(cfg).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &server.URL}); err != nil {
		t.Error(err)
	}
	if got, want := reflect.TypeOf(cfg.HTTPClient), reflect.TypeOf(awssdk.HTTPClient(nil, 0)); got != want {
		t.Errorf("calls go through %v, not %v", got, want)
	}
}
