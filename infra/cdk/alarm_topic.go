package rollcall

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

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
