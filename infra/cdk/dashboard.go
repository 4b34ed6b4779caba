package rollcall

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// widget is one graph. Metrics are lists as CloudWatch writes them: namespace, name, dimension, value, rendering.
type widget struct {
	title, stat string
	metrics     [][]any
}

// addDashboard adds one screen of three rows: is it in step, how long does a change take, what is stuck.
func (d *Deployment) addDashboard() {
	source := d.props.Okta.IdentitySourceID
	ours := func(metric string, rendering ...any) []any {
		return append([]any{"Rollcall", metric, "IdentitySource", source}, rendering...)
	}
	lambda := func(metric, function string) []any {
		return []any{"AWS/Lambda", metric, "FunctionName", d.names.function[function]}
	}
	// Calls have the class of their answers as a dimension of their own.
	calls := fmt.Sprintf(`SEARCH('{Rollcall,IdentitySource,Class} MetricName="OktaCalls" IdentitySource="%s"', 'Sum', 60)`, source)
	widgets := []widget{
		{"In step? Waiting: the oldest change, seconds", "Maximum", [][]any{
			ours("QueueAge"), {"AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", d.names.queue["intents"]},
		}},
		{"In step? Changes seen and people told to Okta", "Sum", [][]any{
			ours("IntentsUpsert"), ours("IntentsDeactivate"), ours("Upserted"), ours("Deactivated"),
		}},
		{"In step? Stream-handler behind the table, milliseconds", "Maximum", [][]any{lambda("IteratorAge", streamHandler)}},
		{"How long? From change to trigger, seconds", "p90", [][]any{ours("ChangeToTrigger")}},
		{"How long? From change to completed, seconds", "p90", [][]any{ours("ChangeToCompleted")}},
		{"How long? Okta calls, and what its rate limit leaves", "Sum", [][]any{
			{map[string]any{"id": "calls", "label": "calls", "expression": calls}}, ours("RateLimitRemaining", map[string]any{"stat": "Minimum"}),
		}},
		{"Stuck? People held and rejected", "Maximum", [][]any{ours("HeldOpen"), ours("RejectsOpen")}},
		{"Stuck? Age of the oldest import in Okta, seconds", "Maximum", [][]any{ours("WatchAge")}},
	}
	var body []map[string]any
	for i, w := range widgets {
		body = append(body, map[string]any{
			"type": "metric", "x": 8 * (i % 3), "y": 6 * (i / 3), "width": 8, "height": 6,
			"properties": map[string]any{
				"title": w.title, "region": *d.stack.Region(), "stat": w.stat, "period": 60, "view": "timeSeries", "metrics": w.metrics,
			},
		})
	}
	// The functions' failures, and whatever else is wrong, by name.
	body = append(body, map[string]any{
		"type": "alarm", "x": 16, "y": 12, "width": 8, "height": 6,
		"properties": map[string]any{"title": "Stuck? Alarms", "alarms": d.alarmARNs},
	})
	awscloudwatch.NewCfnDashboard(d.Construct, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: &d.props.Name,
		DashboardBody: d.stack.ToJsonString(map[string]any{"widgets": body}, nil),
	})
}
