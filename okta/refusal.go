package okta

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// maxExcerpt is how many characters of a body that is not Okta's an error shows.
const maxExcerpt = 160

// refusal makes the error of a response whose status is not one of success. A body that cannot be read, or is not
// Okta's, leaves the status as it is.
func refusal(k call, req *http.Request, resp *http.Response, q quota, told bool) error {
	body, _ := readUpTo(resp.Body, maxErrorBody)
	secrets := secretsOf(req)
	e := &APIError{Op: k.op, URL: k.shown, Status: resp.StatusCode, RequestID: resp.Header.Get("X-Okta-Request-Id")}
	var said struct {
		ErrorCode, ErrorSummary, ErrorID string
		ErrorCauses                      []struct{ ErrorSummary string }
	}
	if json.Unmarshal(body, &said) == nil && (said.ErrorCode != "" || said.ErrorSummary != "") {
		e.Code, e.Summary, e.ID = clean(said.ErrorCode, secrets...), clean(said.ErrorSummary, secrets...), clean(said.ErrorID, secrets...)
		for _, cause := range said.ErrorCauses {
			e.Causes = append(e.Causes, clean(cause.ErrorSummary, secrets...))
		}
	} else if to, err := resp.Location(); err == nil && e.Status/100 == 3 {
		e.Summary = "redirect to " + to.Host
	} else {
		e.Summary = excerpt(body, secrets...)
	}
	switch {
	case e.Status == http.StatusTooManyRequests && told && q.concurrent():
		e.class = Concurrency
	case classOfStatus(e.Status) == Refused && isPage(resp.Header, body):
		e.class = Unavailable // said by something before Okta
	}
	return e
}

// unreadable makes the error of an answer that has a status of success, but is not what the call asked for. JSON is not
// shown: it may be about people.
func unreadable(k call, ans answer, req *http.Request, why error) error {
	secrets := secretsOf(req)
	summary := "answer cannot be read: " + clean(why.Error(), secrets...)
	if errors.Is(why, errTooLong) {
		summary = why.Error()
	} else if !isJSON(ans.body) {
		summary += ": " + excerpt(ans.body, secrets...)
	}
	return &APIError{Op: k.op, URL: k.shown, Status: ans.status, Summary: summary,
		RequestID: ans.header.Get("X-Okta-Request-Id")}
}

// isPage tells whether a body is a web page, as a proxy or a notice of maintenance answers.
func isPage(h http.Header, body []byte) bool {
	return strings.HasPrefix(h.Get("Content-Type"), "text/html") && len(body) > 0 ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

func isJSON(body []byte) bool {
	body = bytes.TrimSpace(body)
	return bytes.HasPrefix(body, []byte("{")) || bytes.HasPrefix(body, []byte("["))
}

var markup = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)<(?:style|script).*?</(?:style|script)>|<[^>]*>`)
})

// excerpt returns the beginning of a body as one short line of plain text.
func excerpt(body []byte, secrets ...string) string {
	return clean(string(markup().ReplaceAll(body, []byte(" "))), secrets...)
}

// clean makes one short line of a text that came from outside, without these secrets.
func clean(text string, secrets ...string) string {
	text = redact(strings.ToValidUTF8(text, "\uFFFD"), secrets)
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if runes := []rune(text); len(runes) > maxExcerpt {
		text = string(runes[:maxExcerpt]) + "…"
	}
	return text
}

// secretsOf returns the request's token and proof, which answers and transports might repeat.
func secretsOf(req *http.Request) []string {
	_, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	return []string{token, req.Header.Get("DPoP")}
}

func redact(text string, secrets []string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, hidden)
		}
	}
	return text
}

// redacted returns the error, or one that says the same without the secrets that it holds.
func redacted(err error, secrets ...string) error {
	if text := err.Error(); redact(text, secrets) != text {
		return errors.New(redact(text, secrets))
	}
	return err
}
