package rollcall

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// statement is something that a role may do. Via, when set, names the services through which alone it may use a key.
type statement struct {
	id        string
	actions   []string
	resources []string
	via       []string
}

var (
	keepControl = []string{"dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"}
	readStream  = []string{"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}
	workQueue   = []string{"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"}
	// writeLogs is for the function's own log group, which exists: no function can create another.
	writeLogs = []string{"logs:CreateLogStream", "logs:PutLogEvents"}

	readWithKey    = []string{"kms:Decrypt", "kms:DescribeKey"}
	writeWithKey   = []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
	encryptWithKey = []string{"kms:Decrypt", "kms:GenerateDataKey"}

	// anything is for actions for which AWS has no resource level: dynamodb:ListStreams and reading metrics.
	anything = []string{"*"}
)

// statements are what the role may do: that of a function, or "scheduler", or "operator". The same lists, spelled out, are
// infra/parity/testdata/*.golden.
func (d *Deployment) statements(role string) []statement {
	switch role {
	case streamHandler:
		return d.streamHandlerMay()
	case flusher:
		return d.flusherMay()
	case itemsAPI:
		return d.itemsAPIMay()
	case "scheduler":
		return []statement{{id: "StartFlusher", actions: []string{"lambda:InvokeFunction"}, resources: d.scheduleTargets()}}
	default:
		return d.operatorMay()
	}
}

func (d *Deployment) streamHandlerMay() []statement {
	may := []statement{
		{id: "ReadStream", actions: readStream, resources: []string{d.arns.stream}},
		{id: "ListStreams", actions: []string{"dynamodb:ListStreams"}, resources: anything},
		{id: "SendIntents", actions: []string{"sqs:SendMessage"}, resources: d.queuesInUse()},
		// Lambda writes there in the function's name, under this prefix, having looked whether the bucket is there.
		{id: "KeepFailedRecords", actions: []string{"s3:PutObject"}, resources: []string{d.arns.bucket + "/aws/lambda/*"}},
		{id: "FindBucket", actions: []string{"s3:ListBucket"}, resources: []string{d.arns.bucket}},
		{id: "WriteLogs", actions: writeLogs, resources: []string{d.arns.logs[streamHandler] + ":*"}},
	}
	if key := d.props.tableKeyARN(); key != "" {
		may = append(may, statement{id: "DecryptStream", actions: readWithKey, resources: []string{key}, via: d.via("dynamodb")})
	}
	if key := d.props.KMSKeyARN; key != "" {
		may = append(may, statement{id: "EncryptIntentsAndRecords", actions: encryptWithKey, resources: []string{key}, via: d.via("s3", "sqs")})
	}
	return may
}

func (d *Deployment) flusherMay() []statement {
	may := []statement{
		{id: "ReadTable", actions: []string{"dynamodb:BatchGetItem", "dynamodb:DescribeTable"}, resources: []string{d.arns.table}},
		{id: "KeepControl", actions: keepControl, resources: []string{d.arns.control}},
		{id: "WorkQueues", actions: workQueue, resources: d.queuesInUse()},
		{id: "ReadOktaSecret", actions: []string{"secretsmanager:GetSecretValue"}, resources: []string{d.arns.secret}},
		{id: "WriteLogs", actions: writeLogs, resources: []string{d.arns.logs[flusher] + ":*"}},
	}
	if d.props.ExternalIDIndex != "" {
		may = append(may, statement{id: "FindByExternalId", actions: []string{"dynamodb:Query"}, resources: []string{d.arns.index}})
	}
	if d.props.SyncSchedule != "" {
		may = append(may, statement{id: "ScanForSync", actions: []string{"dynamodb:Scan"}, resources: []string{d.arns.table}})
	}
	if key := d.props.tableKeyARN(); key != "" {
		may = append(may, statement{id: "DecryptTable", actions: readWithKey, resources: []string{key}, via: d.via("dynamodb")})
	}
	if key := d.props.KMSKeyARN; key != "" {
		may = append(may,
			statement{id: "EncryptControl", actions: writeWithKey, resources: []string{key}, via: d.via("dynamodb")},
			statement{id: "EncryptIntents", actions: encryptWithKey, resources: []string{key}, via: d.via("sqs")})
	}
	return append(may, d.secretMay()...)
}

func (d *Deployment) itemsAPIMay() []statement {
	may := []statement{
		{id: "ServeItems", actions: []string{"dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"}, resources: []string{d.arns.table}},
		{id: "WriteLogs", actions: writeLogs, resources: []string{d.arns.logs[itemsAPI] + ":*"}},
	}
	if key := d.props.tableKeyARN(); key != "" {
		may = append(may, statement{id: "EncryptTable", actions: writeWithKey, resources: []string{key}, via: d.via("dynamodb")})
	}
	return may
}

// operatorMay is for whoever runs the rollcall command against the deployment.
func (d *Deployment) operatorMay() []statement {
	may := []statement{
		{id: "ReadTable", actions: []string{"dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:Scan"}, resources: []string{d.arns.table}},
		{id: "ReadStream", actions: readStream, resources: []string{d.arns.stream}},
		{id: "KeepControl", actions: keepControl, resources: []string{d.arns.control}},
		{id: "CheckControl", actions: []string{"dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"}, resources: []string{d.arns.control}},
		{id: "WorkQueues", actions: workQueue, resources: []string{d.arns.queue["intents"], d.arns.queue["urgent"]}},
		{id: "CheckQueues", actions: []string{"sqs:GetQueueAttributes"}, resources: []string{d.arns.queue["intents"], d.arns.queue["urgent"]}},
		{id: "ReadFailedRecords", actions: []string{"s3:GetObject"}, resources: []string{d.arns.bucket + "/aws/lambda/*"}},
		{id: "ListFailedRecords", actions: []string{"s3:ListBucket"}, resources: []string{d.arns.bucket}},
		{id: "ReadOktaSecret", actions: []string{"secretsmanager:GetSecretValue"}, resources: []string{d.arns.secret}},
		{id: "ReadMetrics", actions: []string{"cloudwatch:GetMetricStatistics"}, resources: anything},
	}
	if d.props.ExternalIDIndex != "" {
		may = append(may, statement{id: "FindByExternalId", actions: []string{"dynamodb:Query"}, resources: []string{d.arns.index}})
	}
	if key := d.props.tableKeyARN(); key != "" {
		may = append(may, statement{id: "DecryptTable", actions: readWithKey, resources: []string{key}, via: d.via("dynamodb")})
	}
	if key := d.props.KMSKeyARN; key != "" {
		may = append(may, statement{id: "UseKey", actions: writeWithKey, resources: []string{key}, via: d.via("dynamodb", "s3", "sqs")})
	}
	return append(may, d.secretMay()...)
}

// secretMay is what reading the secret takes where it has a customer managed key.
func (d *Deployment) secretMay() []statement {
	key := d.props.secretKeyARN()
	if key == "" {
		return nil
	}
	return []statement{{id: "DecryptSecret", actions: []string{"kms:Decrypt"}, resources: []string{key}, via: d.via("secretsmanager")}}
}

func (d *Deployment) queuesInUse() []string {
	if d.props.UrgentLane {
		return []string{d.arns.queue["intents"], d.arns.queue["urgent"]}
	}
	return []string{d.arns.queue["intents"]}
}

// via names the services, as KMS knows them, on whose behalf alone a key may be used.
func (d *Deployment) via(services ...string) []string {
	var hosts []string
	for _, service := range services {
		hosts = append(hosts, service+"."+*d.stack.Region()+".amazonaws.com")
	}
	return hosts
}

// document is the policy of the role.
func (d *Deployment) document(role string) map[string]any {
	var statements []map[string]any
	for _, s := range d.statements(role) {
		it := map[string]any{"Sid": s.id, "Effect": "Allow", "Action": s.actions, "Resource": s.resources}
		if len(s.via) > 0 {
			it["Condition"] = map[string]any{"StringEquals": map[string]any{"kms:ViaService": s.via}}
		}
		statements = append(statements, it)
	}
	return policy(statements...)
}

// addRole adds a role for the service and returns its ARN.
func (d *Deployment) addRole(id, name, description, service string, condition map[string]any, may string) *string {
	trust := map[string]any{"Effect": "Allow", "Principal": map[string]any{"Service": service}, "Action": "sts:AssumeRole"}
	if condition != nil {
		trust["Condition"] = condition
	}
	return awsiam.NewCfnRole(d.Construct, &id, &awsiam.CfnRoleProps{
		RoleName:                 &name,
		Description:              &description,
		PermissionsBoundary:      optional(d.props.PermissionsBoundaryARN),
		AssumeRolePolicyDocument: policy(trust),
		Policies:                 []any{&awsiam.CfnRole_PolicyProperty{PolicyName: &may, PolicyDocument: d.document(may)}},
	}).AttrArn()
}

func (d *Deployment) addOperator() {
	awsiam.NewCfnManagedPolicy(d.Construct, jsii.String("Operator"), &awsiam.CfnManagedPolicyProps{
		ManagedPolicyName: jsii.String(d.props.Name + "-operator"),
		Description:       jsii.String("Run the rollcall command against " + d.props.Name),
		PolicyDocument:    d.document("operator"),
	})
}
