package sqs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"rollcall/batcher"
)

const queueURL = "https://sqs.eu-central-1.amazonaws.com/123456789012/intents"

func queue(t *testing.T, f *fake, o Options) *Queue {
	t.Helper()
	q, err := New(f, queueURL, o)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func numbered(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint("m", i)
	}
	return all
}

func TestNewRefusesOtherQueues(t *testing.T) {
	for _, u := range []string{queueURL + ".fifo", "", "intents", "://"} {
		if _, err := New(&fake{}, u, Options{}); err == nil {
			t.Errorf("queue %q was accepted", u)
		}
	}
}

func TestSendPacksCalls(t *testing.T) {
	long := strings.Repeat("x", 100<<10)
	for name, c := range map[string]struct {
		bodies []string
		most   int
		want   []int // entries of each call
	}{
		"nothing":        {nil, 0, nil},
		"ten a call":     {numbered(25), 0, []int{10, 10, 5}},
		"1 MiB a call":   {slices.Repeat([]string{long}, 12), 0, []int{10, 2}},
		"256 KiB a call": {slices.Repeat([]string{long}, 5), 256 << 10, []int{2, 2, 1}},
		"exactly full":   {[]string{strings.Repeat("x", 1<<20), "y"}, 0, []int{1, 1}},
	} {
		f := &fake{}
		failed, err := queue(t, f, Options{MaxCallBytes: c.most}).Send(t.Context(), c.bodies, 90*time.Second+time.Millisecond)
		if err != nil || failed != nil {
			t.Errorf("%s: send = %v, %v", name, failed, err)
		}
		var got []int
		for _, in := range f.sends {
			got = append(got, len(in.Entries))
			if *in.QueueUrl != queueURL || in.Entries[0].DelaySeconds != 91 {
				t.Errorf("%s: sent to %s with a delay of %d s", name, *in.QueueUrl, in.Entries[0].DelaySeconds)
			}
		}
		slices.Sort(got)
		slices.Reverse(got) // calls are side by side
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: entries of the calls (-want +got):\n%s", name, diff)
		}
	}
}

func TestSendReportsWhatWasNotAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("connection reset")
		f := &fake{
			fail: map[string]error{"m15": broken}, // takes its call, m10 to m19, along
			refuse: func(entry string, before int) *types.BatchResultErrorEntry {
				switch {
				case entry == "m3", entry == "m5" && before == 0:
					return &types.BatchResultErrorEntry{Code: aws.String("InternalError"), Message: aws.String("try again")}
				case entry == "m7":
					return &types.BatchResultErrorEntry{Code: aws.String("InvalidMessageContents"), SenderFault: true}
				}
				return nil
			},
		}
		failed, err := queue(t, f, Options{}).Send(t.Context(), append(numbered(25), "zero\x00", ""), 0)
		if diff := cmp.Diff([]int{3, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 25, 26}, failed); diff != "" || err == nil {
			t.Errorf("send = %v; failed (-want +got):\n%s", err, diff)
		}
		if f.asked["m3"] != 2 || f.asked["m5"] != 2 || f.asked["m7"] != 1 || f.asked["m0"] != 1 {
			t.Errorf("sent %v, want m3 and m5 twice and the others once", f.asked)
		}
		if strings.Contains(err.Error(), "zero") {
			t.Errorf("the error holds a body: %v", err)
		}
	})
}

func TestSendReturnsTheReason(t *testing.T) {
	broken := errors.New("connection reset")
	failed, err := queue(t, &fake{fail: map[string]error{"a": broken}}, Options{}).Send(t.Context(), []string{"a", "b"}, 0)
	if !errors.Is(err, broken) || !slices.Equal(failed, []int{0, 1}) {
		t.Errorf("send = %v, %v; want both failed and %v", failed, err, broken)
	}
	refusing := &fake{refuse: func(string, int) *types.BatchResultErrorEntry {
		return &types.BatchResultErrorEntry{Code: aws.String("InternalError")}
	}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if failed, err := queue(t, refusing, Options{}).Send(ctx, []string{"a"}, 0); !errors.Is(err, context.Canceled) || len(failed) != 1 {
		t.Errorf("send = %v, %v; want it to end with its context", failed, err)
	}
}

func TestReceive(t *testing.T) {
	f := &fake{messages: []types.Message{
		{Body: aws.String("one"), ReceiptHandle: aws.String("r1"), Attributes: map[string]string{"ApproximateReceiveCount": "7", "SentTimestamp": "1764000000123"}},
		{Body: aws.String("two"), ReceiptHandle: aws.String("r2")},
	}}
	got, err := queue(t, f, Options{}).Receive(t.Context(), 1500*time.Millisecond)
	want := []batcher.Received{
		{Body: "one", Receipt: "r1", Count: 7, Sent: time.UnixMilli(1764000000123)},
		{Body: "two", Receipt: "r2", Count: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("receive = %v (-want +got):\n%s", err, diff)
	}
	in := f.receives[0]
	if in.MaxNumberOfMessages != 10 || in.WaitTimeSeconds != 2 || len(in.MessageSystemAttributeNames) != 2 || in.VisibilityTimeout != 0 {
		t.Errorf("asked %+v", in)
	}
	for wait, want := range map[time.Duration]int32{0: 0, -time.Second: 0, time.Minute: 20} {
		queue(t, f, Options{}).Receive(t.Context(), wait)
		if got := f.receives[len(f.receives)-1].WaitTimeSeconds; got != want {
			t.Errorf("wait of %v asked for %d s, want %d", wait, got, want)
		}
	}
	broken := errors.New("no such queue")
	if _, err := queue(t, &fake{fail: map[string]error{"receive": broken}}, Options{}).Receive(t.Context(), 0); !errors.Is(err, broken) {
		t.Errorf("receive = %v, want %v", err, broken)
	}
}

func TestDeleteAndPostponeInTens(t *testing.T) {
	f := &fake{}
	q := queue(t, f, Options{})
	if err := q.Delete(t.Context(), numbered(23)); err != nil {
		t.Errorf("delete: %v", err)
	}
	if err := q.Postpone(t.Context(), numbered(11), 24*time.Hour); err != nil {
		t.Errorf("postpone: %v", err)
	}
	if len(f.deletes) != 3 || len(f.changes) != 2 {
		t.Errorf("%d delete calls and %d changes, want 3 and 2", len(f.deletes), len(f.changes))
	}
	if got := f.changes[0].Entries[0].VisibilityTimeout; got != 12*60*60 {
		t.Errorf("postponed by %d s, want 12 h, the most there is", got)
	}
	if len(f.asked) != 23 {
		t.Errorf("asked for %d receipts, want 23", len(f.asked))
	}
}

func TestWhatIsGoneIsNoError(t *testing.T) {
	for name, c := range map[string]struct {
		refusal types.BatchResultErrorEntry
		gone    bool
	}{
		"in another's hands": {types.BatchResultErrorEntry{Code: aws.String("AWS.SimpleQueueService.MessageNotInflight"), SenderFault: true}, true},
		"old receipt":        {types.BatchResultErrorEntry{Code: aws.String("ReceiptHandleIsInvalid"), SenderFault: true}, true},
		"deleted": {types.BatchResultErrorEntry{Code: aws.String("InvalidParameterValue"), SenderFault: true,
			Message: aws.String("Value r for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.")}, true},
		"expired": {types.BatchResultErrorEntry{Code: aws.String("InvalidParameterValue"), SenderFault: true,
			Message: aws.String("Value r for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.")}, true},
		"another wrong value": {types.BatchResultErrorEntry{Code: aws.String("InvalidParameterValue"), SenderFault: true,
			Message: aws.String("Total VisibilityTimeout for the message is beyond the limit")}, false},
		"trouble": {types.BatchResultErrorEntry{Code: aws.String("InternalError")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{refuse: func(string, int) *types.BatchResultErrorEntry { r := c.refusal; return &r }}
				if err := queue(t, f, Options{}).Postpone(t.Context(), []string{"r"}, 0); (err == nil) != c.gone {
					t.Errorf("postpone = %v, want an error: %v", err, !c.gone)
				}
				if err := queue(t, f, Options{}).Delete(t.Context(), []string{"r"}); (err == nil) != c.gone {
					t.Errorf("delete = %v, want an error: %v", err, !c.gone)
				}
			})
		})
	}
}

func TestDepth(t *testing.T) {
	f := &fake{attributes: map[string]string{
		"ApproximateNumberOfMessages": "12", "ApproximateNumberOfMessagesNotVisible": "3", "ApproximateNumberOfMessagesDelayed": "4",
	}}
	visible, hidden, oldest, err := queue(t, f, Options{}).Depth(t.Context())
	if visible != 12 || hidden != 7 || oldest >= 0 || err != nil {
		t.Errorf("depth = %d, %d, %v, %v", visible, hidden, oldest, err)
	}
	if _, _, _, err := queue(t, &fake{}, Options{}).Depth(t.Context()); err == nil {
		t.Error("an answer without counts was taken for an empty queue")
	}
}
