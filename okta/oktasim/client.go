package oktasim

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// Client is an OAuth 2.0 service app of the org.
type Client struct {
	// ID is the client id, 0oa….
	ID string `json:"id"`
	// Keys are the public keys by which it proves itself, RSA or EC, each with a key id.
	Keys jose.JSONWebKeySet `json:"jwks"`
	// Scopes are those granted to it.
	Scopes []string `json:"scopes"`
	// DPoP demands that its tokens are bound to a key, as service apps made in the Admin Console do.
	DPoP bool `json:"dpop"`
}

// Scopes are all that the org knows.
func Scopes() []string {
	return []string{readSources, manageSources, readApps, readLogs, readSchemas, manageSchemas, readMappings, manageMappings}
}

func (c Client) check() error {
	if c.ID == "" {
		return fmt.Errorf("client has no id")
	}
	for _, scope := range c.Scopes {
		if !slices.Contains(Scopes(), scope) {
			return fmt.Errorf("client %s: unknown scope %q", c.ID, scope)
		}
	}
	for _, key := range c.Keys.Keys {
		if key.KeyID == "" || !key.Valid() || !key.IsPublic() {
			return fmt.Errorf("client %s: a key is not public, not valid or has no key id", c.ID)
		}
		switch key.Key.(type) {
		case *rsa.PublicKey, *ecdsa.PublicKey:
		default:
			return fmt.Errorf("client %s: key %s is neither RSA nor EC", c.ID, key.KeyID)
		}
	}
	return nil
}

// key finds a key by its id.
func (c Client) key(id string) *jose.JSONWebKey {
	for i := range c.Keys.Keys {
		if c.Keys.Keys[i].KeyID == id {
			return &c.Keys.Keys[i]
		}
	}
	return nil
}

func (s *Server) client(id string) *Client {
	for i := range s.config.Clients {
		if s.config.Clients[i].ID == id {
			return &s.config.Clients[i]
		}
	}
	return nil
}
