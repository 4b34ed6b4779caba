package rollcall

import "fmt"

// names are the names of what the deployment creates.
type names struct {
	function map[string]string
	queue    map[string]string
	control  string
	bucket   string
	secret   string
	topic    string
	claim    string
}

// arns are put together from names, so that a template shows every policy in full.
type arns struct {
	table, control, index, stream string
	queue                         map[string]string
	bucket, secret, topic         string
	function, logs                map[string]string
}

// name names everything. Region and account may be tokens: they are text to be filled in by CloudFormation.
func (d *Deployment) name() {
	p, region, account, partition := d.props, *d.stack.Region(), *d.stack.Account(), *d.stack.Partition()
	arn := func(service, rest string) string {
		return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partition, service, region, account, rest)
	}
	d.names = names{
		function: map[string]string{},
		queue:    map[string]string{"intents": p.Name + "-intents", "urgent": p.Name + "-urgent"},
		control:  p.Name + "-control",
		bucket:   fmt.Sprintf("%s-failed-records-%s-%s", p.Name, account, region),
		secret:   p.Name + "/okta",
		topic:    p.Name + "-alarms",
		claim:    "/rollcall/identity-sources/" + p.Okta.IdentitySourceID,
	}
	table := "table/" + p.TableName
	d.arns = arns{
		table:   arn("dynamodb", table),
		control: arn("dynamodb", "table/"+d.names.control),
		index:   arn("dynamodb", table+"/index/"+p.ExternalIDIndex),
		// A stream that is switched off and on again has a new label.
		stream: arn("dynamodb", table+"/stream/*"),
		queue:  map[string]string{},
		bucket: fmt.Sprintf("arn:%s:s3:::%s", partition, d.names.bucket),
		// Secrets Manager adds six characters of its own to the name.
		secret:   arn("secretsmanager", "secret:"+d.names.secret+"-??????"),
		topic:    arn("sns", d.names.topic),
		function: map[string]string{},
		logs:     map[string]string{},
	}
	if p.ExistingTable != nil {
		d.arns.stream = p.ExistingTable.StreamARN
	}
	if p.Secret != nil {
		d.arns.secret = p.Secret.ARN
	}
	if p.AlarmTopic != nil {
		d.arns.topic = p.AlarmTopic.ARN
	}
	for queue, name := range d.names.queue {
		d.arns.queue[queue] = arn("sqs", name)
	}
	for _, function := range []string{streamHandler, flusher, itemsAPI} {
		name := p.Name + "-" + function
		d.names.function[function] = name
		d.arns.function[function] = arn("lambda", "function:"+name)
		d.arns.logs[function] = arn("logs", "log-group:/aws/lambda/"+name)
	}
}
