package rollcall

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// alarm goes off when the metric is above the threshold in so many of so many periods. Its name is that of its section in
// docs/runbook.md. infra/parity plays what each is for, and a healthy house.
//
// Lambda tells of a run when it has ended, with the time at which it began: an alarm on the flusher, which may run for 15
// minutes, has to look back further than that.
type alarm struct {
	id, name, description string
	metric                metric
	// statistic is CloudWatch's, or a percentile such as p99.
	statistic string
	above     float64
	seconds   float64
	periods   float64
	// needed of the periods are enough; all where it is 0.
	needed float64
}

// metric is one of CloudWatch's. Dimensions are pairs of name and value.
type metric struct {
	namespace, name string
	dimensions      []string
}

func (d *Deployment) addAlarms(mapping awslambda.CfnEventSourceMapping) {
	d.addTopic()
	alarms := slices.Concat(d.streamHandlerAlarms(), d.streamAlarms(mapping), d.flusherAlarms(), d.queueAlarms(), d.peopleAlarms(), d.syncAlarms(), d.itemsAPIAlarms())
	for _, a := range alarms {
		d.addAlarm(a)
	}
	d.addSilentAlarm()
	slices.Sort(d.alarmARNs)
}

func (d *Deployment) addAlarm(a alarm) {
	props := d.alarmProps(a.name, a.description)
	props.Namespace, props.MetricName, props.Dimensions = &a.metric.namespace, &a.metric.name, a.metric.list()
	props.Period, props.EvaluationPeriods, props.Threshold = &a.seconds, &a.periods, &a.above
	if a.needed > 0 {
		props.DatapointsToAlarm = &a.needed
	}
	if a.statistic[0] == 'p' {
		props.ExtendedStatistic = &a.statistic
	} else {
		props.Statistic = &a.statistic
	}
	awscloudwatch.NewCfnAlarm(d.Construct, jsii.String(a.id+"Alarm"), props)
}

// addSilentAlarm adds the one alarm for which silence is bad: the schedule is off, or every start is refused. Starts beside a
// long run are refused too, which is as it should be; so the flusher's throttles have no alarm of their own. Two runs of 15
// minutes, one after the other, keep Lambda from telling of a start for 31.
func (d *Deployment) addSilentAlarm() {
	props := d.alarmProps("flusher-silent", "The flusher has not started for 40 minutes: is its schedule enabled, and is there concurrency for it?")
	runs := d.ofFunction(flusher, "Invocations")
	props.Namespace, props.MetricName, props.Dimensions = &runs.namespace, &runs.name, runs.list()
	props.Statistic, props.Period, props.EvaluationPeriods = jsii.String("Sum"), jsii.Number(300), jsii.Number(8)
	props.ComparisonOperator, props.Threshold = jsii.String("LessThanThreshold"), jsii.Number(1)
	props.TreatMissingData = jsii.String("breaching")
	props.ActionsEnabled = d.props.ScheduleEnabled
	awscloudwatch.NewCfnAlarm(d.Construct, jsii.String("FlusherSilentAlarm"), props)
}

// alarmProps are what all alarms have in common.
func (d *Deployment) alarmProps(name, description string) *awscloudwatch.CfnAlarmProps {
	name = d.props.Name + "-" + name
	d.alarmARNs = append(d.alarmARNs, strings.Join([]string{
		"arn", *d.stack.Partition(), "cloudwatch", *d.stack.Region(), *d.stack.Account(), "alarm", name,
	}, ":"))
	return &awscloudwatch.CfnAlarmProps{
		AlarmName: &name, AlarmDescription: &description,
		ComparisonOperator: jsii.String("GreaterThanThreshold"), TreatMissingData: jsii.String("notBreaching"),
		AlarmActions: &[]any{d.arns.topic}, OkActions: &[]any{d.arns.topic},
	}
}

func (m metric) list() []any {
	var all []any
	for pair := range slices.Chunk(m.dimensions, 2) {
		all = append(all, &awscloudwatch.CfnAlarm_DimensionProperty{Name: &pair[0], Value: &pair[1]})
	}
	return all
}

func (d *Deployment) ofFunction(function, name string) metric {
	return metric{"AWS/Lambda", name, []string{"FunctionName", d.names.function[function]}}
}

// ours is a metric that the functions write into their logs (internal/emf).
func (d *Deployment) ours(name string) metric {
	return metric{"Rollcall", name, []string{"IdentitySource", d.props.Okta.IdentitySourceID}}
}

func (d *Deployment) ageOfQueue(queue string) metric {
	return metric{"AWS/SQS", "ApproximateAgeOfOldestMessage", []string{"QueueName", d.names.queue[queue]}}
}
