package doctor

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTheGuidesSettingsAreAskedFor compares the questions with the table To Okta of the guide, of which it says that doctor
// lists them: setting by setting, of the same place.
func TestTheGuidesSettingsAreAskedFor(t *testing.T) {
	guide, err := os.ReadFile("../../docs/okta-setup.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(guide), "## 3. To Okta\n")
	section, _, _ = strings.Cut(section, "\n## ")
	rows := 0
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || strings.HasPrefix(line, "|-") || strings.Contains(line, "| set to |") {
			continue
		}
		rows++
		setting := strings.TrimSpace(cells[1])
		if i := strings.LastIndex(setting, " > "); i >= 0 {
			setting = setting[i+3:]
		}
		if !slices.ContainsFunc(questions(), func(q Question) bool {
			return strings.HasPrefix(q.Where, toOkta) && strings.Contains(q.Ask, setting)
		}) {
			t.Errorf("%q is not asked for", setting)
		}
	}
	asked := 0
	for _, q := range questions() {
		if strings.HasPrefix(q.Where, toOkta) {
			asked++
		}
	}
	if rows == 0 || rows != asked {
		t.Errorf("the guide has %d settings, doctor asks for %d", rows, asked)
	}
}
