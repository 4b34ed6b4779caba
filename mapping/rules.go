package mapping

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// RuleError is a value that Okta would refuse, or that is no value. It never carries the value.
type RuleError struct {
	// Attribute is Okta's name of the profile attribute, or externalId, active, match or protect[INDEX].
	Attribute string
	// Rule is what the value breaks, to be read after the attribute's name: "is absent", "has more than 100 characters".
	Rule string
}

func (e *RuleError) Error() string { return e.Attribute + " " + e.Rule }

// Rules that need no number, as they are read after an attribute's name.
const (
	isAbsent   = "is absent"
	notUTF8    = "is not valid UTF-8"
	hasControl = "has a control character"
	notEmail   = "is not an e-mail address"
	notCountry = "is not an ISO 3166-1 alpha-2 code in capitals"
	wordRule   = "is neither a boolean nor one of true, false, yes, no, 1, 0"
)

// rule is what Okta asks of one attribute's value. Lengths are in characters (Unicode code points).
type rule struct {
	min, max int // max 0 is no limit
	required bool
	// notNull means that Okta's schema of the identity source does not take null: absent is left out.
	notNull bool
	// oneLine forbids all control characters; otherwise tab, carriage return and line feed are allowed.
	oneLine bool
	// form returns the rule that the value breaks, if any.
	form func(value string) string
}

// externalIDRule is by the Identity Sources API. The ID stands in the path of the per-user endpoints.
var externalIDRule = rule{min: 1, max: 512, required: true, oneLine: true}

// rules are the limits on the attributes of Okta's base profile. Those of the first group are in the Identity Sources API
// and refuse the whole load; the others are of Okta's user schema and let the import fail silently for that user. An
// attribute that is not listed is a custom one, of which only the org knows the limits.
var rules = map[string]rule{
	"userName":    {min: 1, max: 100, required: true, notNull: true, oneLine: true},
	"email":       {min: 5, max: 100, required: true, notNull: true, oneLine: true, form: email},
	"secondEmail": {min: 5, max: 100, notNull: true, oneLine: true, form: email},
	"firstName":   {min: 1, max: 50},
	"lastName":    {min: 1, max: 50},
	"mobilePhone": {max: 100},
	"homeAddress": {max: 4096},

	"countryCode":   {max: 2, oneLine: true, form: countryCode},
	"city":          {max: 128},
	"state":         {max: 128},
	"zipCode":       {max: 50},
	"streetAddress": {max: 1024},
	"primaryPhone":  {max: 100},
	"title":         {max: 100},
	"displayName":   {max: 256},
}

// check returns the first rule that a value breaks, or "". An empty value breaks none: it is absent.
func (r rule) check(value []byte) string {
	ascii := true
	for _, c := range value {
		if c < ' ' || c >= 0x7F {
			ascii = false
			break
		}
	}
	length := len(value)
	if !ascii {
		if !utf8.Valid(value) {
			return notUTF8
		}
		length = utf8.RuneCount(value)
		for _, c := range string(value) {
			if unicode.IsControl(c) && (r.oneLine || c != '\t' && c != '\r' && c != '\n') {
				return hasControl
			}
		}
	}
	switch {
	case length == 0:
		return ""
	case length < r.min:
		return fmt.Sprintf("has less than %d characters", r.min)
	case r.max > 0 && length > r.max:
		return fmt.Sprintf("has more than %d characters", r.max)
	case r.form != nil:
		return r.form(string(value))
	}
	return ""
}

// email accepts what mail systems in use accept, and no more than one address. Okta publishes no grammar; a form that it
// refuses fails the whole load, so odd but legal ones (quoted local parts, address literals) are refused too.
func email(value string) string {
	at := strings.LastIndexByte(value, '@')
	if at < 1 || at > 64 {
		return notEmail
	}
	local, domain := value[:at], value[at+1:]
	if strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") ||
		strings.ContainsAny(local, "@\"(),:;<>[]\\") || strings.ContainsFunc(local, unicode.IsSpace) {
		return notEmail
	}
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return notEmail
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, notInLabel) {
			return notEmail
		}
	}
	return ""
}

func notInLabel(c rune) bool {
	return c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c)
}

func countryCode(value string) string {
	if len(value) == 2 {
		for i := 0; i < len(countries); i += 3 {
			if countries[i:i+2] == value {
				return ""
			}
		}
	}
	return notCountry
}

// countries are the officially assigned codes of ISO 3166-1 alpha-2.
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS " +
	"BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES " +
	"ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM " +
	"IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME " +
	"MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG " +
	"PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY " +
	"SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM " +
	"ZW"

// parseWord reads a boolean as the mapping takes it.
func parseWord(text []byte) (value, ok bool) {
	switch string(text) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	switch strings.ToLower(string(text)) {
	case "true", "yes":
		return true, true
	case "false", "no":
		return false, true
	}
	return false, false
}
