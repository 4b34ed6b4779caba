package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// addressFile tells, in the folder of a house, where the house that runs on it can be reached.
const addressFile = "house.json"

// address is what addressFile holds.
type address struct {
	URL              string `json:"url"`
	IdentitySourceID string `json:"identitySourceId"`
}

func (h *House) writeAddress() error {
	text, err := json.Marshal(address{URL: h.URL, IdentitySourceID: h.options.Org.IdentitySourceID})
	if err != nil {
		return fmt.Errorf("write address: %w", err)
	}
	if err := os.WriteFile(filepath.Join(h.options.Dir, addressFile), text, 0o600); err != nil {
		return fmt.Errorf("write address: %w", err)
	}
	return nil
}

// ErrNoHouse is returned by Attach for a folder in which no house was ever opened.
var ErrNoHouse = errors.New("no house was opened there: start one with rollcall local")

// Attach opens the folder of a house that runs in another process, or ran: its table, queue and control table can be
// used, and its org as long as it runs. Options.Listen and most of Options.Org are not needed.
func Attach(ctx context.Context, o Options) (house *House, err error) {
	if err := check(o.Config); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(o.Dir, addressFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", o.Dir, ErrNoHouse)
	}
	if err != nil {
		return nil, fmt.Errorf("read address: %w", err)
	}
	var a address
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, fmt.Errorf("read address: %w", err)
	}
	o.Org.IdentitySourceID = a.IdentitySourceID
	h := &House{options: o, URL: a.URL}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
		}
	}()
	if err := h.openFile(ctx); err != nil {
		return nil, err
	}
	return h, h.wire(ctx)
}
