package items

import (
	"context"

	"rollcall/intent"
)

// Table is what the routes need of a table. Items are DynamoDB JSON.
type Table interface {
	// PutItem writes the item, in the place of one with the same key.
	PutItem(ctx context.Context, item []byte) error
	// GetItem returns the item, strongly consistent, or nil if there is none.
	GetItem(ctx context.Context, key intent.Key) ([]byte, error)
	// DeleteItem deletes the item and tells whether there was one.
	DeleteItem(ctx context.Context, key intent.Key) (found bool, err error)
	// ScanItems returns up to limit items, and the key to go on after, which is empty at the end. The first page is
	// after the empty key. The order is the table's own.
	ScanItems(ctx context.Context, after intent.Key, limit int) (items [][]byte, last intent.Key, err error)
}
