package oktasim

import (
	"fmt"
	"net/http"
)

// RotateNonce makes the org refuse the DPoP nonce that it gave out, and ask for another.
func (s *Server) RotateNonce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rotations += freshNonces
}

// RevokeTokens ends every access token, till the org is started anew.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revocations++
}

// SetClients replaces the service apps: with other keys, scopes or demands. Tokens outlive it for apps that are still there.
func (s *Server) SetClients(clients ...Client) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reconfigure(func(c *Config) { c.Clients = clients })
}

func (s *Server) simClients(*call) *answer {
	return answerJSON(http.StatusOK, append([]Client{}, s.config.Clients...))
}

// simSetClients takes an array of all service apps.
func (s *Server) simSetClients(c *call) *answer {
	var clients []Client
	if !decode(c.body, &clients) {
		return simProblem(http.StatusBadRequest, fmt.Errorf(`body is not [{"id":"0oa…","jwks":{"keys":[…]},"scopes":[…],"dpop":true}]`))
	}
	if err := s.reconfigure(func(c *Config) { c.Clients = clients }); err != nil {
		return simProblem(http.StatusBadRequest, err)
	}
	return answerNothing(http.StatusNoContent)
}

func (s *Server) simRotateNonce(*call) *answer {
	s.rotations += freshNonces
	return answerNothing(http.StatusNoContent)
}

func (s *Server) simRevokeTokens(*call) *answer {
	s.revocations++
	return answerNothing(http.StatusNoContent)
}
