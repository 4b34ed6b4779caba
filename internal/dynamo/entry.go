package dynamo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rollcall/batcher"
)

// DynamoDB's limits on the values of keys, in bytes.
const (
	maxPartitionBytes = 2048
	maxSortBytes      = 1024
)

// check refuses what the control table cannot hold.
func check(e batcher.Entry) error {
	if e.Kind == "" || e.ID == "" || len(e.Kind) > maxPartitionBytes {
		return errors.New("entry without a kind or an id, or with too long a kind")
	}
	if len(e.Value) > batcher.MaxValueBytes {
		return fmt.Errorf("value of %d bytes, more than %d", len(e.Value), batcher.MaxValueBytes)
	}
	return nil
}

// sortKey returns the ID, or, for one that is longer than a sort key may be, its beginning and a hash of all of it. An
// externalId of 512 characters may be 2,048 bytes long.
func sortKey(id string) string {
	if len(id) <= maxSortBytes {
		return id
	}
	hash := sha256.Sum256([]byte(id))
	end := maxSortBytes - hex.EncodedLen(len(hash))
	for !utf8.RuneStart(id[end]) {
		end--
	}
	return id[:end] + hex.EncodeToString(hash[:])
}

func key(e batcher.Entry) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attributeKind: text(e.Kind), attributeID: text(sortKey(e.ID))}
}

// entry reads an item of the control table.
func entry(item map[string]types.AttributeValue) (e batcher.Entry, err error) {
	get := func(name string) string {
		if s, ok := item[name].(*types.AttributeValueMemberS); ok {
			return s.Value
		}
		return ""
	}
	count := func(name string) (n int64) {
		if a, ok := item[name].(*types.AttributeValueMemberN); ok && err == nil {
			n, err = strconv.ParseInt(a.Value, 10, 64)
		}
		return n
	}
	e = batcher.Entry{Kind: get(attributeKind), ID: get(attributeID), Value: []byte(get(attributeValue)), Version: count(attributeVersion)}
	if name := get(attributeName); name != "" {
		e.ID = name
	}
	if end := count(attributeExpires); end != 0 {
		e.Expires = time.Unix(end, 0)
	}
	if err != nil {
		return batcher.Entry{}, fmt.Errorf("read control entry: %w", err)
	}
	return e, nil
}

// parallelWrites is how many entries are written side by side.
const parallelWrites = 16

// each calls write for every entry, up to parallelWrites at a time. Entries with the same key are written one after
// the other, in their order. It returns the error of the first entry that failed; those after it may not be written.
func each(ctx context.Context, entries []batcher.Entry, write func(context.Context, batcher.Entry) error) error {
	type name struct{ kind, id string }
	groups := map[name][]int{}
	var order []name
	for i, e := range entries {
		n := name{e.Kind, e.ID}
		if groups[n] == nil {
			order = append(order, n)
		}
		groups[n] = append(groups[n], i)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, len(entries))
	slots := make(chan struct{}, parallelWrites)
	var writers sync.WaitGroup
	for _, n := range order {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		writers.Go(func() {
			defer func() { <-slots }()
			for _, i := range groups[n] {
				if errs[i] = write(ctx, entries[i]); errs[i] != nil {
					cancel()
					return
				}
			}
		})
	}
	writers.Wait()
	return firstCause(ctx, errs)
}

// firstCause returns the first error that is not merely the others' being called off.
func firstCause(ctx context.Context, errs []error) error {
	var called error
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		if called == nil {
			called = err
		}
	}
	if called == nil {
		return ctx.Err()
	}
	return called
}
