// Package cloudwatch reads the ages that only CloudWatch knows: of a queue's oldest message, and of the stream records
// that a function is about to get. It is a package of its own so that the functions do not carry CloudWatch's client.
package cloudwatch

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Client is what is called of CloudWatch.
type Client interface {
	GetMetricStatistics(context.Context, *cloudwatch.GetMetricStatisticsInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricStatisticsOutput, error)
}

var _ Client = (*cloudwatch.Client)(nil)

// window is how far back is looked: metrics come every minute or every few, and not at all where all is idle.
const window = 15 * time.Minute

// Oldest returns the latest age that SQS reported of a queue's oldest message, negative if it reported none lately.
func Oldest(ctx context.Context, client Client, queue string) (time.Duration, error) {
	seconds, err := latest(ctx, client, "AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue)
	if err != nil {
		return 0, fmt.Errorf("read the age of the oldest message of queue %s: %w", queue, err)
	}
	return inUnits(seconds, time.Second), nil
}

// Behind returns how far a function that reads a stream was behind the table at last, negative if nothing came lately.
func Behind(ctx context.Context, client Client, function string) (time.Duration, error) {
	milliseconds, err := latest(ctx, client, "AWS/Lambda", "IteratorAge", "FunctionName", function)
	if err != nil {
		return 0, fmt.Errorf("read the iterator age of function %s: %w", function, err)
	}
	return inUnits(milliseconds, time.Millisecond), nil
}

// latest returns the latest maximum of a metric, negative if there is none.
func latest(ctx context.Context, client Client, namespace, metric, dimension, value string) (float64, error) {
	now := time.Now()
	out, err := client.GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: &namespace, MetricName: &metric,
		Dimensions: []types.Dimension{{Name: &dimension, Value: &value}},
		StartTime:  aws.Time(now.Add(-window)), EndTime: &now, Period: aws.Int32(60),
		Statistics: []types.Statistic{types.StatisticMaximum},
	})
	if err != nil {
		return 0, err
	}
	age, at := -1.0, time.Time{}
	for _, point := range out.Datapoints {
		if t := aws.ToTime(point.Timestamp); t.After(at) {
			age, at = aws.ToFloat64(point.Maximum), t
		}
	}
	return age, nil
}

func inUnits(n float64, unit time.Duration) time.Duration {
	if n < 0 {
		return -1
	}
	return time.Duration(n * float64(unit))
}
