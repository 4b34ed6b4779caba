package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/cenkalti/backoff/v4"

	"rollcall/intent"
	"rollcall/internal/items"
)

// maxGetKeys is the most keys of one BatchGetItem.
const maxGetKeys = 100

// Unprocessed keys are asked for again after 50 ms, doubling up to 5 s; maxIdle answers in a row that hold nothing are
// an error.
const (
	minWait = 50 * time.Millisecond
	maxWait = 5 * time.Second
	maxIdle = 10
)

// Get implements batcher.Table.
func (t *Table) Get(ctx context.Context, keys []intent.Key) (found map[intent.Key][]byte, bad map[intent.Key]error, err error) {
	shape, err := t.shape(ctx)
	if err != nil {
		return nil, nil, err
	}
	r := reader{table: t, shape: shape, asked: map[intent.Key][]intent.Key{}, found: map[intent.Key][]byte{}, bad: map[intent.Key]error{}}
	var each []intent.Key // in their one form, each once: a key that repeats fails the whole call
	for _, key := range keys {
		as, err := shape.Schema.Check(key)
		if err != nil {
			r.bad[key] = err
			continue
		}
		if r.asked[as] == nil {
			each = append(each, as)
		}
		r.asked[as] = append(r.asked[as], key)
	}
	for len(each) > 0 {
		chunk := each[:min(len(each), maxGetKeys)]
		each = each[len(chunk):]
		if err := r.read(ctx, chunk); err != nil {
			return nil, nil, fmt.Errorf("get items of table %s: %w", t.options.Name, err)
		}
	}
	return r.found, r.bad, nil
}

// reader gathers the answers of one Get.
type reader struct {
	table *Table
	shape Shape
	asked map[intent.Key][]intent.Key // as the caller wrote them, by their one form
	found map[intent.Key][]byte
	bad   map[intent.Key]error
}

// read reads up to maxGetKeys keys.
func (r *reader) read(ctx context.Context, keys []intent.Key) error {
	t := r.table
	want := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	for _, key := range keys {
		attributes, err := attributes(key)
		if err != nil {
			return err
		}
		want.Keys = append(want.Keys, attributes)
	}
	if len(t.options.Attributes) > 0 {
		if names, projection := project(r.shape.Schema, t.options.Attributes); projection != "" {
			want.ExpressionAttributeNames, want.ProjectionExpression = names, &projection
		}
	}
	left := map[string]types.KeysAndAttributes{t.options.Name: want}
	waits := backoff.NewExponentialBackOff(backoff.WithInitialInterval(minWait), backoff.WithMultiplier(2),
		backoff.WithMaxInterval(maxWait), backoff.WithMaxElapsedTime(0))
	for idle := 0; ; {
		if err := t.pace.wait(ctx); err != nil {
			return err
		}
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: left, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			return err
		}
		for i := range out.ConsumedCapacity {
			t.pace.took(&out.ConsumedCapacity[i])
		}
		answered := 0
		for _, all := range out.Responses {
			answered += len(all)
			for _, item := range all {
				if err := r.take(item); err != nil {
					return err
				}
			}
		}
		if left = out.UnprocessedKeys; len(left) == 0 {
			return nil
		}
		if idle++; answered > 0 {
			idle = 0
			waits.Reset()
		}
		if idle == maxIdle {
			return errUnprocessed
		}
		if err := sleep(ctx, waits.NextBackOff()); err != nil {
			return err
		}
	}
}

// take enters an item under each key by which it was asked for.
func (r *reader) take(item map[string]types.AttributeValue) error {
	key, err := keyOf(r.shape.Schema, item)
	if err != nil {
		return err
	}
	body, err := itemJSON(item)
	for _, as := range r.asked[key] {
		if err != nil {
			r.bad[as] = err // of a type that this release does not know
		} else {
			r.found[as] = body
		}
	}
	return nil
}

// attributes turns a key into the SDK's values.
func attributes(key intent.Key) (map[string]types.AttributeValue, error) {
	attributes, err := attributevalue.UnmarshalMapJSON([]byte(key))
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	return attributes, nil
}

// keyOf returns the key of an item as it was answered.
func keyOf(s items.Schema, item map[string]types.AttributeValue) (intent.Key, error) {
	key := map[string]types.AttributeValue{}
	for _, a := range []items.Attribute{s.Partition, s.Sort} {
		if value, ok := item[a.Name]; ok {
			key[a.Name] = value
		}
	}
	body, err := attributevalue.MarshalMapJSON(key)
	if err != nil {
		return "", fmt.Errorf("read an item's key: %w", err)
	}
	return s.Check(intent.Key(body))
}

// itemJSON returns the item in its one form.
func itemJSON(item map[string]types.AttributeValue) ([]byte, error) {
	body, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		return nil, fmt.Errorf("read item: %w", err)
	}
	parsed, err := items.Parse(body)
	return parsed.JSON(), err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
