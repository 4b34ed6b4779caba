package rollcall

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// alarm goes off when the metric is above the threshold in every one of so many periods. Its name is that of its section in
// docs/runbook.md.
type alarm struct {
	id, name, description string
	namespace, metric     string
	dimension, value      string
	// statistic is CloudWatch's, or a percentile such as p99.
	statistic string
	above     float64
	seconds   float64
	periods   float64
}

func (d *Deployment) addAlarms(mapping awslambda.CfnEventSourceMapping) {
	d.addTopic()
	alarms := append(d.functionAlarms(), d.streamAlarms(mapping)...)
	for _, a := range append(alarms, d.flushAlarms()...) {
		it := awscloudwatch.NewCfnAlarm(d.Construct, jsii.String(a.id+"Alarm"), d.alarmProps(a))
		it.SetComparisonOperator(jsii.String("GreaterThanThreshold"))
		it.SetTreatMissingData(jsii.String("notBreaching"))
	}
	// The one alarm for which silence is bad: a run of 15 minutes leaves no more than three periods without a start.
	silent := awscloudwatch.NewCfnAlarm(d.Construct, jsii.String("FlusherSilentAlarm"), d.alarmProps(alarm{
		name: "flusher-silent", description: "The flusher has not started for 20 minutes: is its schedule enabled?",
		namespace: "AWS/Lambda", metric: "Invocations", dimension: "FunctionName", value: d.names.function[flusher],
		statistic: "Sum", above: 1, seconds: 300, periods: 4,
	}))
	silent.SetComparisonOperator(jsii.String("LessThanThreshold"))
	silent.SetTreatMissingData(jsii.String("breaching"))
	silent.SetActionsEnabled(d.props.ScheduleEnabled)
	slices.Sort(d.alarmARNs)
}

func (d *Deployment) alarmProps(a alarm) *awscloudwatch.CfnAlarmProps {
	name := d.props.Name + "-" + a.name
	d.alarmARNs = append(d.alarmARNs, strings.Join([]string{
		"arn", *d.stack.Partition(), "cloudwatch", *d.stack.Region(), *d.stack.Account(), "alarm", name,
	}, ":"))
	props := &awscloudwatch.CfnAlarmProps{
		AlarmName:          &name,
		AlarmDescription:   &a.description,
		Namespace:          &a.namespace,
		MetricName:         &a.metric,
		Dimensions:         []any{&awscloudwatch.CfnAlarm_DimensionProperty{Name: &a.dimension, Value: &a.value}},
		Statistic:          &a.statistic,
		Threshold:          &a.above,
		Period:             &a.seconds,
		EvaluationPeriods:  &a.periods,
		AlarmActions:       &[]any{d.arns.topic},
		OkActions:          &[]any{d.arns.topic},
		ComparisonOperator: jsii.String("GreaterThanThreshold"),
	}
	if a.statistic[0] == 'p' {
		props.Statistic, props.ExtendedStatistic = nil, &a.statistic
	}
	return props
}

func (d *Deployment) functionAlarms() []alarm {
	var alarms []alarm
	for _, function := range d.props.functions() {
		id := constructID[function]
		errorPeriods, throttlePeriods := 3.0, 1.0
		switch function {
		case streamHandler:
			errorPeriods = 1
		case flusher:
			// The flusher is throttled whenever a run outlasts its minute, which is as it should be; half an hour of it,
			// twice what a run may take, is not.
			throttlePeriods = 6
		}
		of := func(id, name, description, metric, statistic string, above, periods float64) alarm {
			return alarm{
				id: id, name: function + "-" + name, description: function + " " + description,
				namespace: "AWS/Lambda", metric: metric, dimension: "FunctionName", value: d.names.function[function],
				statistic: statistic, above: above, seconds: 300, periods: periods,
			}
		}
		alarms = append(alarms,
			of(id+"Errors", "errors", "failed: read its log", "Errors", "Sum", 0, errorPeriods),
			of(id+"Throttles", "throttles", "was not allowed to run", "Throttles", "Sum", 0, throttlePeriods),
			of(id+"Slow", "slow", "takes more than 80 % of its timeout (p99)", "Duration", "p99", settingsOf[function].seconds*800, 3))
	}
	return alarms
}

func (d *Deployment) streamAlarms(mapping awslambda.CfnEventSourceMapping) []alarm {
	age := alarm{namespace: "AWS/Lambda", metric: "IteratorAge", dimension: "FunctionName", value: d.names.function[streamHandler], statistic: "Maximum"}
	behind, losing := age, age
	behind.id, behind.name, behind.description = "StreamBehind", "stream-behind", "The stream-handler is more than a minute behind the table"
	behind.above, behind.seconds, behind.periods = 60_000, 60, 5
	losing.id, losing.name = "StreamAboutToLose", "stream-about-to-lose"
	losing.description = "The stream-handler is half a day behind; at 23 hours records go to the bucket, at 24 they are gone"
	losing.above, losing.seconds, losing.periods = 43_200_000, 300, 1

	given := alarm{namespace: "AWS/Lambda", dimension: "EventSourceMappingUUID", value: *mapping.Ref(), statistic: "Sum", seconds: 300, periods: 1}
	failed, dropped := given, given
	failed.id, failed.name, failed.metric = "FailedRecords", "failed-records", "OnFailureDestinationDeliveredEventCount"
	failed.description = "Stream records were given up on and lie in the bucket: rollcall replay bucket"
	dropped.id, dropped.name, dropped.metric = "DroppedRecords", "dropped-records", "DroppedEventCount"
	dropped.description = "Stream records were given up on and did not reach the bucket: rollcall sync"
	return []alarm{behind, losing, failed, dropped}
}

// flushAlarms are about people and queues.
func (d *Deployment) flushAlarms() []alarm {
	of := func(id, name, description, metric, statistic string, above, seconds float64) alarm {
		return alarm{
			id: id, name: name, description: description, namespace: "Rollcall", metric: metric,
			dimension: "Table", value: d.props.TableName, statistic: statistic, above: above, seconds: seconds, periods: 1,
		}
	}
	oldest := func(id, name, description, queue string, above float64) alarm {
		return alarm{
			id: id, name: name, description: description, namespace: "AWS/SQS", metric: "ApproximateAgeOfOldestMessage",
			dimension: "QueueName", value: d.names.queue[queue], statistic: "Maximum", above: above, seconds: 300, periods: 1,
		}
	}
	thresholds := d.props.AlarmThresholds
	alarms := []alarm{
		of("Rejects", "rejects", "Somebody cannot be told to Okta until their item is mended: rollcall rejects list", "RejectsOpen", "Maximum", 0, 300),
		of("Held", "held", "Deactivations are held by the guard: rollcall held list", "HeldOpen", "Maximum", 0, 300),
		of("WatchOld", "watch-old", "A session has been importing in Okta for more than an hour: rollcall sessions list", "WatchAge", "Maximum", 3600, 300),
		of("ManyDeactivations", "many-deactivations", "More people were deactivated in a day than usual", "Deactivated", "Sum", float64(thresholds.DeactivationsADay), 86400),
		oldest("IntentsOld", "intents-old", "A change has waited for long to be loaded: rollcall status", "intents", float64(thresholds.OldestIntentSeconds)),
	}
	if d.props.UrgentLane {
		alarms = append(alarms, oldest("UrgentOld", "urgent-old", "A leaver has waited for ten minutes in the urgent queue, which forgets after an hour", "urgent", 600))
	}
	return alarms
}

// addTopic adds the topic that alarms are sent to, unless there is one.
func (d *Deployment) addTopic() {
	if d.props.AlarmTopic != nil {
		return
	}
	topic := awssns.NewCfnTopic(d.Construct, jsii.String("Alarms"), &awssns.CfnTopicProps{
		TopicName: &d.names.topic, KmsMasterKeyId: optional(d.props.KMSKeyARN),
	})
	awssns.NewCfnTopicPolicy(d.Construct, jsii.String("AlarmsPolicy"), &awssns.CfnTopicPolicyProps{
		Topics: &[]*string{topic.Ref()},
		PolicyDocument: policy(map[string]any{
			"Sid": "AlarmsPublish", "Effect": "Allow", "Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"},
			"Action": "sns:Publish", "Resource": d.arns.topic,
			"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": *d.stack.Account()}},
		}, denyPlainHTTP("sns:Publish", d.arns.topic)),
	})
	for _, address := range d.props.AlarmEmails {
		awssns.NewCfnSubscription(d.Construct, jsii.String("Alarms-"+address), &awssns.CfnSubscriptionProps{
			TopicArn: topic.Ref(), Protocol: jsii.String("email"), Endpoint: &address,
		})
	}
}
