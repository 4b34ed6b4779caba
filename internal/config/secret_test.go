package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/sirupsen/logrus"
	"go.yaml.in/yaml/v3"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	const value = "00-very-secret"
	cfg := Default()
	cfg.Okta.Token = value
	holders := map[string]any{
		"secret": Secret(value), "pointer": &cfg.Okta.Token, "config": cfg, "section": &cfg.Okta,
		"list": []Secret{value}, "map": map[string]Secret{"token": value},
		"error": fmt.Errorf("call Okta with %v: %w", cfg.Okta.Token, fmt.Errorf("%q", cfg.Okta.Token)),
	}
	for name, holder := range holders {
		var out bytes.Buffer
		for _, verb := range "vsqxXdobcOUeEfFgGtTz" { // fmt asks no type about %p and %w; go vet refuses both here
			for _, flag := range []string{"", "+", "#", "-20", " ", "0"} {
				fmt.Fprintf(&out, "%"+flag+string(verb)+"\n", holder)
			}
		}
		fmt.Fprintln(&out, holder)
		for _, format := range []logrus.Formatter{&logrus.TextFormatter{}, &logrus.JSONFormatter{}} {
			log := logrus.New()
			log.SetOutput(&out)
			log.SetFormatter(format)
			log.WithField("value", holder).Error(holder)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("value", "value", holder)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("value", "value", holder)
		for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal, xml.Marshal} {
			text, _ := marshal(holder) // XML knows no maps
			out.Write(text)
		}
		for _, leak := range []string{value, fmt.Sprintf("%x", value), fmt.Sprintf("%X", value)} {
			if strings.Contains(out.String(), leak) {
				t.Errorf("%s: the secret is printed:\n%s", name, out.String())
			}
		}
		if name == "secret" && strings.Count(out.String(), masked) < 100 {
			t.Errorf("%s: not everything prints %s", name, masked)
		}
	}
	if string(cfg.Okta.Token) != value || Secret(value).String() != masked || Secret(value).GoString() != masked {
		t.Error("a conversion must show the value, and nothing else")
	}
}
