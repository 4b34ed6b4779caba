package main

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"github.com/go-jose/go-jose/v4"
	"github.com/spf13/cobra"

	"rollcall/internal/config"
	"rollcall/internal/credential"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// oktasimClient are the flags of the simulated org's OAuth service app. Without an id there is none.
type oktasimClient struct {
	id, keyFile, keyID string
	scopes             []string
	dpop               bool
}

func (f *oktasimClient) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.id, "client-id", "", "client id of an OAuth service app; none for SSWS only")
	flags.StringVar(&f.keyFile, "client-key", "", "file with the service app's key, PEM, JWK or JWK set; the org takes its public half")
	flags.StringVar(&f.keyID, "client-key-id", "", "id of that key, where the file has none")
	flags.StringSliceVar(&f.scopes, "client-scope", oktasim.Scopes(), "scopes granted to the service app")
	flags.BoolVar(&f.dpop, "dpop", true, "demand DPoP of the service app")
}

func (f *oktasimClient) clients() ([]oktasim.Client, error) {
	if f.id == "" {
		if f.keyFile != "" {
			return nil, errors.New("--client-key is given without --client-id")
		}
		return nil, nil
	}
	if f.keyFile == "" {
		return nil, errors.New("--client-id is given without --client-key")
	}
	text, err := os.ReadFile(f.keyFile)
	if err != nil {
		return nil, fmt.Errorf("read --client-key: %w", err)
	}
	keys, err := publicKeys(text, f.keyID)
	if err != nil {
		return nil, fmt.Errorf("read --client-key %s: %w", f.keyFile, err)
	}
	return []oktasim.Client{{ID: f.id, Keys: keys, Scopes: f.scopes, DPoP: f.dpop}}, nil
}

// source gives the service app's credentials, whose key file must hold the private key; without an id it is nil. The file is
// read anew when the org refuses what it held.
func (f *oktasimClient) source() okta.Source {
	if f.id == "" {
		return nil
	}
	return credential.Source(config.Okta{ClientID: f.id, PrivateKeyFile: f.keyFile, KeyID: f.keyID}, nil)
}

// publicKeys reads PEM, a JWK or a JWK set. The id is that of keys that have none.
func publicKeys(text []byte, id string) (jose.JSONWebKeySet, error) {
	var set jose.JSONWebKeySet
	block, rest := pem.Decode(text)
	for block != nil && block.Type == "EC PARAMETERS" { // openssl writes them before the key
		block, rest = pem.Decode(rest)
	}
	switch {
	case block != nil:
		key, err := publicKey(block)
		if err != nil {
			return set, err
		}
		set.Keys = []jose.JSONWebKey{{Key: key}}
	case json.Unmarshal(text, &set) == nil && len(set.Keys) > 0:
	default:
		var key jose.JSONWebKey
		if err := json.Unmarshal(bytes.TrimSpace(text), &key); err != nil {
			return set, errors.New("neither PEM nor JWK")
		}
		set.Keys = []jose.JSONWebKey{key}
	}
	for i, key := range set.Keys {
		if key.KeyID == "" {
			key.KeyID = id
		}
		public := key.Public()
		public.KeyID = key.KeyID
		set.Keys[i] = public
	}
	return set, nil
}

func publicKey(block *pem.Block) (crypto.PublicKey, error) {
	var key any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("PEM block of type %q", block.Type)
	}
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("a key that cannot sign")
	}
	return signer.Public(), nil
}
