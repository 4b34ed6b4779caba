package oktasim_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestThePageCanBeRead reckons the contrast of the page's text with what is behind it, in light and dark: WCAG asks for 4.5.
func TestThePageCanBeRead(t *testing.T) {
	css := newOrg(t).call(200, "GET", "/sim/page.css", "").text
	light, rest, _ := strings.Cut(css, "@media (prefers-color-scheme: dark)")
	dark, _, _ := strings.Cut(rest, "* {")
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		colours := map[string][3]float64{}
		for _, c := range regexp.MustCompile(`--([a-z]+): #([0-9a-f]{3,6});`).FindAllStringSubmatch(text, -1) {
			colours[c[1]] = colourOf(t, c[2])
		}
		tint, err := strconv.ParseFloat(regexp.MustCompile(`--tint: ([0-9]+)%`).FindStringSubmatch(text)[1], 64)
		if err != nil || len(colours) != 13 {
			t.Fatalf("%s: %d colours, %v", scheme, len(colours), err)
		}
		for _, on := range []string{"panel", "back", "hover"} {
			if c := contrast(colours["text"], colours[on]); c < 7 {
				t.Errorf("%s: text on %s has a contrast of %.1f", scheme, on, c)
			}
		}
		for _, name := range []string{"faint", "accent", "created", "updated", "unchanged", "deactivated", "failed", "ignored"} {
			behind := map[string][3]float64{"panel": colours["panel"], "back": colours["back"], "hover": colours["hover"]}
			for i, c := range colours[name] {
				pill := behind["its pill"]
				pill[i] = c*tint/100 + colours["panel"][i]*(1-tint/100)
				behind["its pill"] = pill
			}
			for on, colour := range behind {
				if c := contrast(colours[name], colour); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f", scheme, name, on, c)
				}
			}
		}
	}
}

// colourOf reads rgb or rrggbb as shares of 255.
func colourOf(t *testing.T, hex string) (colour [3]float64) {
	t.Helper()
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	for i := range colour {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		colour[i] = float64(n) / 255
	}
	return colour
}

// contrast is WCAG 2's.
func contrast(a, b [3]float64) float64 {
	luminance := func(c [3]float64) float64 {
		for i, v := range c {
			if c[i] = v / 12.92; v > 0.03928 {
				c[i] = math.Pow((v+0.055)/1.055, 2.4)
			}
		}
		return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
	}
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}
