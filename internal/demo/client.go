package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// client speaks to the items API.
type client struct {
	base string
}

func (c client) put(ctx context.Context, item map[string]any) error {
	body, err := json.Marshal(item)
	if err != nil {
		return fmt.Errorf("put item: %w", err)
	}
	return c.do(ctx, http.MethodPut, "/items", bytes.NewReader(body))
}

func (c client) delete(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/items/"+url.PathEscape(id), nil)
}

func (c client) do(ctx context.Context, method, path string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, said)
	}
	return nil
}
