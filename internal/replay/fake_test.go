package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/internal/enqueue"
	"rollcall/mapping"
)

var errAway = errors.New("service is away")

// queue keeps what it is sent, and takes no more after so many calls, if that is not zero.
type queue struct {
	bodies []string
	calls  int
	most   int
}

func (q *queue) Send(_ context.Context, bodies []string, _ time.Duration) (failed []int, err error) {
	if q.calls++; q.most > 0 && q.calls > q.most {
		for i := range bodies {
			failed = append(failed, i)
		}
		return failed, errAway
	}
	q.bodies = append(q.bodies, bodies...)
	return nil, nil
}

// asked returns what was enqueued, one "upsert jane" each, sorted, with "reject" and the reason for rejects.
func (q *queue) asked(t *testing.T) (all []string) {
	t.Helper()
	for _, body := range q.bodies {
		m, err := intent.Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range m.Intents {
			all = append(all, in.Kind.String()+" "+in.ExternalID)
		}
		for _, reject := range m.Rejects {
			all = append(all, "reject "+reject.Reason)
		}
	}
	slices.Sort(all)
	return all
}

// wants fails unless exactly this was enqueued.
func (q *queue) wants(t *testing.T, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := q.asked(t); !slices.Equal(got, want) {
		t.Errorf("enqueued\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// reached fails unless each of n people "p0"… was enqueued, and returns how many were twice.
func (q *queue) reached(t *testing.T, n int) (twice int) {
	t.Helper()
	all := q.asked(t)
	each := slices.Compact(slices.Clone(all))
	if len(each) != n {
		t.Errorf("%d people were enqueued, want %d", len(each), n)
	}
	return len(all) - len(each)
}

func defaults(t testing.TB) *mapping.Mapping {
	t.Helper()
	m, err := config.Default().CompileMapping()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func options(t testing.TB, q enqueue.Queue) Options {
	t.Helper()
	return Options{Mapping: defaults(t), Partition: "id", Queue: q}
}

// item is a person's item in DynamoDB JSON.
func item(id string, active bool) string {
	return fmt.Sprintf(`{"id":{"S":%q},"active":{"BOOL":%t},"email":{"S":"%[1]s@example.com"},"first_name":{"S":"A"},"last_name":{"S":"B"}}`, id, active)
}

// record is a stream record; before and after are items, empty where there is none.
func record(number, id, before, after string) string {
	name, images := "MODIFY", ""
	switch {
	case before == "":
		name = "INSERT"
	case after == "":
		name = "REMOVE"
	}
	if before != "" {
		images += `,"OldImage":` + before
	}
	if after != "" {
		images += `,"NewImage":` + after
	}
	return fmt.Sprintf(`{"eventID":"e%s","eventName":%q,"dynamodb":{"ApproximateCreationDateTime":1790000000,"Keys":{"id":{"S":%q}},"SequenceNumber":%[1]q%[4]s}}`,
		number, name, id, images)
}
