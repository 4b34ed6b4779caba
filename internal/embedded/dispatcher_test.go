package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"rollcall/intent"
	"rollcall/internal/items"
)

func people(t *testing.T, db *DB) *Table {
	t.Helper()
	table, err := db.Table(t.Context(), TableOptions{Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: "id"}}})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func putPeople(t *testing.T, table *Table, from, n int) {
	t.Helper()
	var all [][]byte
	for i := range n {
		all = append(all, fmt.Appendf(nil, `{"id":{"S":"p%d"}}`, from+i))
	}
	if err := table.PutMany(t.Context(), all); err != nil {
		t.Fatal(err)
	}
}

// delivery is a stream read by a handler: the ids of each call.
type delivery struct {
	t     *testing.T
	calls [][]string
	// respond decides each call; it is given the records.
	respond func(call int, records []events.DynamoDBEventRecord) (events.DynamoDBEventResponse, error)
}

func (d *delivery) handle(_ context.Context, payload []byte) (events.DynamoDBEventResponse, error) {
	var in events.DynamoDBEvent
	if err := json.Unmarshal(payload, &in); err != nil {
		d.t.Errorf("payload: %v", err)
	}
	var ids []string
	for _, r := range in.Records {
		ids = append(ids, r.Change.Keys["id"].String())
	}
	d.calls = append(d.calls, ids)
	if d.respond == nil {
		return events.DynamoDBEventResponse{}, nil
	}
	return d.respond(len(d.calls), in.Records)
}

// patience is how long a delivery may take.
const patience = time.Minute

// dispatch delivers until nothing is pending.
func (d *delivery) dispatch(table *Table, m Mapping) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- table.Dispatch(ctx, m, d.handle) }()
	for {
		n, err := table.Pending(d.t.Context())
		if err != nil {
			d.t.Fatal(err)
		}
		if ctx.Err() != nil {
			d.t.Fatalf("%d records are not delivered after %v", n, patience)
		}
		if n == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		d.t.Errorf("dispatch: %v", err)
	}
}

func failed(records ...events.DynamoDBEventRecord) (r events.DynamoDBEventResponse) {
	for _, record := range records {
		r.BatchItemFailures = append(r.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: record.Change.SequenceNumber})
	}
	return r
}

func TestRecordsHaveTheShapeThatLambdaDelivers(t *testing.T) {
	table := people(t, open(t))
	for _, item := range []string{`{"id":{"S":"jane"},"n":{"N":"1"}}`, `{"n":{"N":"1.0"},"id":{"S":"jane"}}`, `{"id":{"S":"jane"},"n":{"N":"2"}}`} {
		if err := table.PutItem(t.Context(), []byte(item)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second finds nothing and so is no change
		if _, err := table.DeleteItem(t.Context(), `{"id":{"S":"jane"}}`); err != nil {
			t.Fatal(err)
		}
	}
	records, err := table.head(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	again, err := table.head(t.Context(), 10)
	if err != nil || string(payload(again)) != string(payload(records)) {
		t.Errorf("the same records read again differ: %v", err)
	}
	var in struct{ Records []map[string]any }
	if err := json.Unmarshal(payload(records), &in); err != nil {
		t.Fatal(err)
	}
	ids := map[any]bool{}
	for _, r := range in.Records {
		change := r["dynamodb"].(map[string]any)
		if at := time.Unix(int64(change["ApproximateCreationDateTime"].(float64)), 0); time.Since(at) > time.Minute || time.Until(at) > 0 {
			t.Errorf("created at %v", at)
		}
		delete(change, "ApproximateCreationDateTime")
		if id := r["eventID"].(string); len(id) != 32 || ids[id] {
			t.Errorf("event ID %q is not 32 digits of its own", id)
		}
		ids[r["eventID"]] = true
		delete(r, "eventID")
	}
	jane := func(n string) map[string]any {
		return map[string]any{"id": map[string]any{"S": "jane"}, "n": map[string]any{"N": n}}
	}
	record := func(name, sequence string, size float64, images map[string]any) map[string]any {
		images["Keys"] = map[string]any{"id": map[string]any{"S": "jane"}}
		images["SequenceNumber"], images["SizeBytes"], images["StreamViewType"] = sequence, size, "NEW_AND_OLD_IMAGES"
		return map[string]any{"eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
			"eventSourceARN": table.StreamARN(), "dynamodb": images}
	}
	want := []map[string]any{
		record("INSERT", "100000000000000000001", 14, map[string]any{"NewImage": jane("1")}),
		record("MODIFY", "100000000000000000002", 22, map[string]any{"NewImage": jane("2"), "OldImage": jane("1")}),
		record("REMOVE", "100000000000000000003", 14, map[string]any{"OldImage": jane("2")}),
	}
	if diff := cmp.Diff(want, in.Records); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestDispatchDeliversBatchesInOrder(t *testing.T) {
	table := people(t, open(t))
	putPeople(t, table, 0, 25)
	d := &delivery{t: t}
	d.dispatch(table, Mapping{BatchSize: 10})
	var all []string
	for _, call := range d.calls {
		all = append(all, call...)
	}
	if len(d.calls) != 3 || len(all) != 25 || all[0] != "p0" || all[24] != "p24" {
		t.Errorf("calls %v, want 25 records in three", d.calls)
	}
}

func TestDispatchRetriesFromTheLowestFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := people(t, open(t))
		putPeople(t, table, 0, 6)
		d := &delivery{t: t, respond: func(call int, records []events.DynamoDBEventRecord) (events.DynamoDBEventResponse, error) {
			if call == 1 {
				return failed(records[4], records[2]), nil
			}
			return events.DynamoDBEventResponse{}, nil
		}}
		d.dispatch(table, Mapping{})
		want := [][]string{{"p0", "p1", "p2", "p3", "p4", "p5"}, {"p2", "p3", "p4", "p5"}}
		if diff := cmp.Diff(want, d.calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestDispatchHalvesABatchThatFails(t *testing.T) {
	for name, failure := range map[string]func() (events.DynamoDBEventResponse, error){
		"an error": func() (events.DynamoDBEventResponse, error) {
			return events.DynamoDBEventResponse{}, errors.New("boom")
		},
		"an unknown identifier": func() (events.DynamoDBEventResponse, error) { return failed(events.DynamoDBEventRecord{}), nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				table := people(t, open(t))
				putPeople(t, table, 0, 8)
				d := &delivery{t: t, respond: func(call int, records []events.DynamoDBEventRecord) (events.DynamoDBEventResponse, error) {
					holds := slices.ContainsFunc(records, func(r events.DynamoDBEventRecord) bool { return r.Change.Keys["id"].String() == "p2" })
					if holds && call < 12 {
						return failure()
					}
					return events.DynamoDBEventResponse{}, nil
				}}
				told := 0
				d.dispatch(table, Mapping{Retrying: func(error, int, time.Duration) { told++ }})
				first := [][]string{{"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"}, {"p0", "p1", "p2", "p3"}, {"p0", "p1"}}
				if diff := cmp.Diff(first, d.calls[:3]); diff != "" {
					t.Errorf("first calls (-want +got):\n%s", diff)
				}
				if told != 10 {
					t.Errorf("told of %d retries, want 10", told)
				}
				if last := d.calls[len(d.calls)-1]; last[len(last)-1] != "p7" {
					t.Errorf("last call %v, want up to p7", last)
				}
			})
		})
	}
}

func TestDispatchGathersForItsWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := people(t, open(t))
		putPeople(t, table, 0, 1)
		time.AfterFunc(500*time.Millisecond, func() { putPeople(t, table, 1, 2) })
		d := &delivery{t: t}
		d.dispatch(table, Mapping{Window: time.Second})
		if len(d.calls) != 1 || len(d.calls[0]) != 3 {
			t.Errorf("calls %v, want one of three", d.calls)
		}
	})
}

func TestDispatchFinishesTheBatchInHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := people(t, open(t))
		putPeople(t, table, 0, 1)
		ctx, cancel := context.WithCancel(t.Context())
		var finished atomic.Bool
		err := table.Dispatch(ctx, Mapping{}, func(ctx context.Context, _ []byte) (events.DynamoDBEventResponse, error) {
			cancel()
			time.Sleep(time.Second)
			finished.Store(ctx.Err() == nil)
			return events.DynamoDBEventResponse{}, nil
		})
		if n, _ := table.Pending(t.Context()); err != nil || !finished.Load() || n != 0 {
			t.Errorf("dispatch = %v, finished %v, %d records left", err, finished.Load(), n)
		}
	})
}

func TestAPayloadHoldsAtMostSixMegabytes(t *testing.T) {
	table := people(t, open(t))
	pad := slices.Repeat([]byte("x"), 390_000)
	for n := range 8 {
		for _, flag := range []string{"true", "false"} { // the second write's record holds both images
			item := fmt.Appendf(nil, `{"id":{"S":"p%d"},"f":{"BOOL":%s},"pad":{"S":"%s"}}`, n, flag, pad)
			if err := table.PutItem(t.Context(), item); err != nil {
				t.Fatal(err)
			}
		}
	}
	d := &delivery{t: t}
	var largest int
	seen := map[intent.Key]bool{}
	ctx, cancel := context.WithCancel(t.Context())
	err := table.Dispatch(ctx, Mapping{}, func(ctx context.Context, payload []byte) (events.DynamoDBEventResponse, error) {
		largest = max(largest, len(payload))
		r, err := d.handle(ctx, payload)
		for _, id := range d.calls[len(d.calls)-1] {
			seen[intent.Key(id)] = true
		}
		if len(seen) == 8 && len(d.calls) > 1 {
			cancel()
		}
		return r, err
	})
	if err != nil || largest > maxPayloadBytes || len(seen) != 8 {
		t.Errorf("dispatch = %v, largest payload %d bytes, %d people", err, largest, len(seen))
	}
}
