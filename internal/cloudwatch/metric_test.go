package cloudwatch

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

type fake struct {
	asked  *cloudwatch.GetMetricStatisticsInput
	points []types.Datapoint
	err    error
}

func (f *fake) GetMetricStatistics(_ context.Context, in *cloudwatch.GetMetricStatisticsInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricStatisticsOutput, error) {
	f.asked = in
	return &cloudwatch.GetMetricStatisticsOutput{Datapoints: f.points}, f.err
}

func TestOldest(t *testing.T) {
	now := time.Now()
	point := func(before time.Duration, age float64) types.Datapoint {
		return types.Datapoint{Timestamp: aws.Time(now.Add(-before)), Maximum: &age}
	}
	for _, c := range []struct {
		points []types.Datapoint
		want   time.Duration
	}{
		{nil, -1},
		{[]types.Datapoint{point(5*time.Minute, 7), point(time.Minute, 90), point(10*time.Minute, 3)}, 90 * time.Second},
	} {
		f := &fake{points: c.points}
		got, err := Oldest(t.Context(), f, "intents")
		if err != nil || got != c.want {
			t.Errorf("oldest of %d points = %v, %v; want %v", len(c.points), got, err, c.want)
		}
		if queue := aws.ToString(f.asked.Dimensions[0].Value); queue != "intents" {
			t.Errorf("asked for queue %q", queue)
		}
	}
	denied := errors.New("denied")
	if _, err := Oldest(t.Context(), &fake{err: denied}, "intents"); !errors.Is(err, denied) {
		t.Errorf("oldest = %v, want %v", err, denied)
	}
}

func TestBehind(t *testing.T) {
	f := &fake{points: []types.Datapoint{{Timestamp: aws.Time(time.Now()), Maximum: aws.Float64(2500)}}}
	got, err := Behind(t.Context(), f, "rollcall-stream-handler")
	if err != nil || got != 2500*time.Millisecond {
		t.Errorf("behind = %v, %v; want 2.5 s", got, err)
	}
	if name := aws.ToString(f.asked.Dimensions[0].Value); name != "rollcall-stream-handler" {
		t.Errorf("asked for function %q", name)
	}
	if got, err := Behind(t.Context(), &fake{}, "f"); err != nil || got >= 0 {
		t.Errorf("behind of an idle function = %v, %v; want negative", got, err)
	}
	denied := errors.New("denied")
	if _, err := Behind(t.Context(), &fake{err: denied}, "f"); !errors.Is(err, denied) {
		t.Errorf("behind = %v, want %v", err, denied)
	}
}
