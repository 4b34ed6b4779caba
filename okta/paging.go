package okta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
)

// orgCall returns a repeatable call under the org's API, outside of the identity source.
func (c *Client) orgCall(op, family, method, path string, query url.Values) call {
	shown := c.org + "/api/v1" + path
	k := call{op: op, family: family, method: method, url: shown, shown: shown, repeatable: true}
	if len(query) > 0 {
		k.url += "?" + query.Encode()
	}
	return k
}

// pages yields the entries of a list, page by page as they are asked for. It ends with the first error.
func pages[T any](ctx context.Context, c *Client, k call) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for k.url != "" {
			var page []T
			k.read = func(body []byte) error {
				page = nil
				return json.Unmarshal(body, &page)
			}
			ans, err := c.do(ctx, k)
			next := ""
			if err == nil {
				next, err = nextPage(ans.header, k)
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, entry := range page {
				if !yield(entry, nil) {
					return
				}
			}
			k.url = next
		}
	}
}

// nextPage returns the address of the page after the one that was answered, empty if that was the last. The request for
// it carries the token, so it must be of the same list at the same host.
func nextPage(h http.Header, k call) (string, error) {
	here, err := url.Parse(k.url)
	if err != nil {
		return "", fmt.Errorf("%s: %w", k.op, err)
	}
	link := linkTo("next", h.Values("Link"))
	if link == "" {
		return "", nil
	}
	next, err := here.Parse(link)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: link to the next page is not a URL", k.op)
	case next.Scheme != here.Scheme || next.Host != here.Host:
		return "", fmt.Errorf("%s: %w: link to the next page leads to another host, %s: check the org's URL",
			k.op, ErrMisconfigured, clean(next.Scheme+"://"+next.Host))
	case next.EscapedPath() != here.EscapedPath() || next.User != nil:
		return "", fmt.Errorf("%s: link to the next page leads to something else", k.op)
	case next.RawQuery == here.RawQuery:
		return "", errors.New(k.op + ": link to the next page leads to the same page")
	}
	next.Fragment = ""
	return next.String(), nil
}

// linkTo returns the target of the first link with that relation, of Link headers (RFC 8288).
func linkTo(relation string, headers []string) string {
	for _, header := range headers {
		for header != "" {
			_, rest, found := strings.Cut(header, "<")
			if !found {
				break
			}
			target, rest, found := strings.Cut(rest, ">")
			if !found {
				break
			}
			parameters, more, _ := strings.Cut(rest, ",")
			for parameter := range strings.SplitSeq(parameters, ";") {
				name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
				if strings.EqualFold(name, "rel") && strings.EqualFold(strings.Trim(value, `"`), relation) {
					return target
				}
			}
			header = more
		}
	}
	return ""
}
