package version

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	cases := []struct {
		settings []debug.BuildSetting
		want     string
	}{
		{nil, "devel"},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "false"}}, "devel-0123456789ab"},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: "0123"}, {Key: "vcs.modified", Value: "true"}}, "devel-0123-dirty"},
	}
	for _, c := range cases {
		if got := describe(c.settings); got != c.want {
			t.Errorf("describe(%v) = %q, want %q", c.settings, got, c.want)
		}
	}
}

func TestStringPrefersTheLinkersNumber(t *testing.T) {
	if !strings.HasPrefix(String(), "devel") {
		t.Errorf("without a number: %q", String())
	}
	number = "1.2.0"
	defer func() { number = "" }()
	if String() != "1.2.0" {
		t.Errorf("got %q", String())
	}
}
