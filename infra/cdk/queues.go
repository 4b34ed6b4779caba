package rollcall

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

const (
	// intentsSeconds is two weeks, the most that SQS keeps a message: Okta may be away for long. There is no redrive either,
	// since each giving back counts as a receive, and a dead-letter queue would fill with the company.
	intentsSeconds = 1209600
	// urgentSeconds is an hour: a leaver who was not taken out by then is left to the import, where every deactivation
	// travels as well.
	urgentSeconds = 3600
	// hiddenSeconds is how long a received message is hidden. The flusher extends it while it has the message in work.
	hiddenSeconds = 120
)

func (d *Deployment) addQueues() {
	d.QueueURLs = map[string]*string{
		"intents": d.queue("Intents", "intents", intentsSeconds),
		"urgent":  d.queue("Urgent", "urgent", urgentSeconds),
	}
}

// queue adds a standard queue that takes encrypted connections only, and returns its URL.
func (d *Deployment) queue(id, name string, retentionSeconds float64) *string {
	queue := awssqs.NewCfnQueue(d.Construct, &id, &awssqs.CfnQueueProps{
		QueueName:                     jsii.String(d.names.queue[name]),
		MessageRetentionPeriod:        &retentionSeconds,
		VisibilityTimeout:             jsii.Number(hiddenSeconds),
		ReceiveMessageWaitTimeSeconds: jsii.Number(20),
	})
	if d.props.KMSKeyARN == "" {
		queue.SetSqsManagedSseEnabled(jsii.Bool(true))
	} else {
		queue.SetKmsMasterKeyId(&d.props.KMSKeyARN)
	}
	awssqs.NewCfnQueuePolicy(d.Construct, jsii.String(id+"Policy"), &awssqs.CfnQueuePolicyProps{
		Queues:         &[]*string{queue.Ref()},
		PolicyDocument: policy(denyPlainHTTP("sqs:*", d.arns.queue[name])),
	})
	return queue.Ref()
}

// denyPlainHTTP is the statement of a resource's policy that refuses connections without TLS.
func denyPlainHTTP(action string, resources ...string) map[string]any {
	statement := map[string]any{
		"Sid": "SecureTransportOnly", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resources,
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}
	if len(resources) == 1 {
		statement["Resource"] = resources[0]
	}
	return statement
}

// policy is a policy document of these statements.
func policy(statements ...map[string]any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": statements}
}
