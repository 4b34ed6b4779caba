package oktasim

import (
	"net/http"
	"slices"
	"strings"
)

// authorize lets a call in by the SSWS token, which may do everything, or by an access token with the scope of the route.
func (s *Server) authorize(c *call) *refusal {
	if c.route.scope == "" {
		return nil
	}
	scheme, token, _ := strings.Cut(c.header.Get("Authorization"), " ")
	switch scheme {
	case "SSWS":
		if s.config.Token == "" || token != s.config.Token {
			return badToken()
		}
		return nil
	case "Bearer", "DPoP":
		return s.authorizeToken(c, scheme, token)
	}
	return badToken()
}

func (s *Server) authorizeToken(c *call, scheme, token string) *refusal {
	t := s.readToken(c.now, token)
	if t == nil || (t.Key != "") != (scheme == "DPoP") {
		return challenge(badToken(), scheme, "invalid_token")
	}
	if scheme == "DPoP" {
		if code := s.callProof(c, token, t); code != "" {
			refused := challenge(badToken(), scheme, code)
			if code == "use_dpop_nonce" {
				refused.header.Set("DPoP-Nonce", s.nonce(c.now))
			}
			return refused
		}
	}
	if !allows(t.Scopes, c.route.scope) {
		return challenge(forbidden(), scheme, "insufficient_scope")
	}
	return nil
}

// allows says whether scopes hold one; the one to manage holds the one to read.
func allows(scopes []string, scope string) bool {
	manage := strings.TrimSuffix(scope, ".read") + ".manage"
	return slices.Contains(scopes, scope) || slices.Contains(scopes, manage)
}

func challenge(f *refusal, scheme, code string) *refusal {
	f.header = http.Header{}
	f.header.Set("WWW-Authenticate", scheme+` error="`+code+`"`)
	return f
}
