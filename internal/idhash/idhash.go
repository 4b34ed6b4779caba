// Package idhash says what logs may hold of an externalId, which is personal data: a hash under a key that only this
// installation has. Lines about one person can be put together, and nobody who reads them learns who it is.
package idhash

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"rollcall/batcher"
)

// The key is an entry of the control table beside the control item.
const (
	keyKind = "control"
	keyID   = "hashkey"
)

const (
	// hashBytes is how much of the hash is shown: 80 bits, more than enough to tell ten million people apart.
	hashBytes = 10
	// readTimeout bounds the one reading of the key, which a log line waits for.
	readTimeout = 5 * time.Second
	// retryAfter is how long the key is not asked for again after it could not be read.
	retryAfter = time.Minute
	// Unknown is the name of everybody while the key cannot be read.
	Unknown = "unknown"
)

// Hasher names people for logs. It is safe for concurrent use.
type Hasher struct {
	store batcher.Store

	mu     sync.Mutex
	key    []byte
	failed time.Time
}

// New returns a hasher whose key is in the store. It is read, or made, when the first name is asked for.
func New(store batcher.Store) *Hasher { return &Hasher{store: store} }

// Name returns the keyed hash of an externalId as 20 hexadecimal digits, or Unknown if the key cannot be read.
func (h *Hasher) Name(externalID string) string {
	key := h.theKey()
	if key == nil {
		return Unknown
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(externalID))
	return hex.EncodeToString(mac.Sum(nil)[:hashBytes])
}

func (h *Hasher) theKey() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.key != nil || !h.failed.IsZero() && time.Since(h.failed) < retryAfter {
		return h.key
	}
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	key, err := Key(ctx, h.store)
	if err != nil {
		h.failed = time.Now()
		return nil
	}
	h.key = key
	return key
}

// entry is the value of the key's entry.
type entry struct {
	Key []byte `json:"key"`
}

// Key returns the installation's key, which the first to ask makes.
func Key(ctx context.Context, store batcher.Store) ([]byte, error) {
	stored, err := store.Get(ctx, keyKind, keyID)
	if err != nil {
		return nil, fmt.Errorf("read hash key: %w", err)
	}
	if stored.Version == 0 {
		made := make([]byte, sha256.Size)
		rand.Read(made) // never fails
		value, err := json.Marshal(entry{Key: made})
		if err != nil {
			return nil, fmt.Errorf("make hash key: %w", err)
		}
		err = store.Swap(ctx, batcher.Entry{Kind: keyKind, ID: keyID, Value: value})
		if err == nil {
			return made, nil
		}
		if !errors.Is(err, batcher.ErrConflict) {
			return nil, fmt.Errorf("write hash key: %w", err)
		}
		if stored, err = store.Get(ctx, keyKind, keyID); err != nil {
			return nil, fmt.Errorf("read hash key: %w", err)
		}
	}
	var found entry
	if err := json.Unmarshal(stored.Value, &found); err != nil || len(found.Key) < sha256.Size {
		return nil, errors.New("read hash key: the entry holds none; delete it to have another one made")
	}
	return found.Key, nil
}
