package streamhandler_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rollcall/intent"
	"rollcall/mapping"
)

var errQueue = errors.New("queue is away")

// fakeQueue keeps what it is sent, but for the calls' bodies at the refused indexes.
type fakeQueue struct {
	bodies []string
	refuse []int
	// silent makes a failure not say which bodies failed.
	silent bool
}

func (q *fakeQueue) Send(_ context.Context, bodies []string, _ time.Duration) ([]int, error) {
	q.bodies = append(q.bodies, bodies...)
	switch {
	case q.silent:
		return nil, errQueue
	case len(q.refuse) > 0:
		return q.refuse, errQueue
	}
	return nil, nil
}

func (q *fakeQueue) messages(t testing.TB) (messages []intent.Message) {
	t.Helper()
	for _, body := range q.bodies {
		m, err := intent.Decode(body)
		if err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		messages = append(messages, m)
	}
	return messages
}

// people is the mapping of a table whose key is not the externalId, and that holds other things than people too.
func people(t testing.TB) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Compile(mapping.Spec{
		ExternalID: "person_id", Active: "active", Match: `kind != "machine" and (person_flag ?? true)`,
		Profile: map[string]string{"userName": "email", "email": "email", "firstName": "first_name"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func payload(records ...string) []byte {
	return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
}
