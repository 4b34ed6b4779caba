//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rollcall/internal/scan"
)

// batchWrite is the most items of one BatchWriteItem; writers is how many of those calls are under way at once.
const (
	batchWrite = 25
	writers    = 8
)

// write puts people with BatchWriteItem.
func (h *house) write(t *testing.T, people []map[string]any) {
	t.Helper()
	requests := make([]types.WriteRequest, len(people))
	for i, p := range people {
		item, err := attributevalue.MarshalMap(p)
		if err != nil {
			t.Fatal(err)
		}
		requests[i] = types.WriteRequest{PutRequest: &types.PutRequest{Item: item}}
	}
	h.batch(t, requests)
}

// remove deletes people with BatchWriteItem.
func (h *house) remove(t *testing.T, people []map[string]any) {
	t.Helper()
	requests := make([]types.WriteRequest, len(people))
	for i, p := range people {
		key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: p["id"].(string)}}
		requests[i] = types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key}}
	}
	h.batch(t, requests)
}

func (h *house) batch(t *testing.T, requests []types.WriteRequest) {
	t.Helper()
	chunks := make(chan []types.WriteRequest)
	problems := make(chan error, writers)
	var working sync.WaitGroup
	for range writers {
		working.Go(func() {
			for chunk := range chunks {
				if err := h.batchChunk(t.Context(), chunk); err != nil {
					problems <- err
					return
				}
			}
		})
	}
	for chunk := range slices.Chunk(requests, batchWrite) {
		select {
		case chunks <- chunk:
		case err := <-problems:
			t.Fatalf("write people: %v", err)
		}
	}
	close(chunks)
	working.Wait()
	select {
	case err := <-problems:
		t.Fatalf("write people: %v", err)
	default:
	}
}

func (h *house) batchChunk(ctx context.Context, chunk []types.WriteRequest) error {
	left := map[string][]types.WriteRequest{h.config.Table: chunk}
	for len(left) > 0 {
		out, err := h.dynamodb.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: left})
		if err != nil {
			return err
		}
		left = out.UnprocessedItems
	}
	return nil
}

// put writes one person with PutItem.
func (h *house) put(t *testing.T, p map[string]any) {
	t.Helper()
	item, err := attributevalue.MarshalMap(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.dynamodb.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(h.config.Table), Item: item}); err != nil {
		t.Fatal(err)
	}
}

// wanted returns what the directory should hold: the mapped profile of every active person of the table whose profile
// Okta takes.
func (h *house) wanted(ctx context.Context) (map[string]map[string]string, error) {
	compiled, err := h.config.CompileMapping()
	if err != nil {
		return nil, err
	}
	view := compiled.NewView()
	wanted := map[string]map[string]string{}
	err = scan.Table(ctx, h.table(), scan.DefaultSegments, nil, func(page scan.Page) error {
		for _, item := range page.Items {
			if err := view.Load(item); err != nil {
				return err
			}
			p, err := view.Person()
			if err != nil || !p.Active {
				continue // a reject, or a leaver
			}
			var profile map[string]*string
			if err := json.Unmarshal(p.Profile, &profile); err != nil {
				return err
			}
			wanted[p.ExternalID] = map[string]string{}
			for name, value := range profile {
				if value != nil {
					wanted[p.ExternalID][name] = *value
				}
			}
		}
		return nil
	})
	return wanted, err
}

// equal returns how the directory differs from the table, nil if it does not.
func (h *house) equal(ctx context.Context) error {
	wanted, err := h.wanted(ctx)
	if err != nil {
		return err
	}
	active, err := h.org.active()
	if err != nil {
		return err
	}
	missing, surplus, different := 0, 0, ""
	for id, profile := range wanted {
		switch has, ok := active[id]; {
		case !ok:
			missing++
		case !maps.Equal(has, profile):
			different = fmt.Sprintf("; %s is %v in Okta and %v in the table", id, has, profile)
		}
	}
	for id := range active {
		if _, ok := wanted[id]; !ok {
			surplus++
		}
	}
	if missing+surplus > 0 || different != "" {
		return fmt.Errorf("of %d people %d are missing in Okta, and %d there should not be%s", len(wanted), missing, surplus, different)
	}
	return nil
}

// becomesEqual waits until the directory is equal to the table.
func (h *house) becomesEqual(t *testing.T, within time.Duration) {
	t.Helper()
	start := time.Now()
	eventually(t, within, func() error { return h.equal(t.Context()) })
	t.Logf("Okta is equal to the table after %v", time.Since(start).Round(100*time.Millisecond))
}
