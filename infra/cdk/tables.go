package rollcall

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
)

const claimID = "Claim"

// stays keeps a resource when the stack is deleted. One that was made by a first deployment that fails goes with it, so that
// the next try finds its name free.
func stays(resource awscdk.CfnResource) {
	resource.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
}

// claimIdentitySource says whose the identity source is. Two deployments would cancel each other's sessions, so a second one
// fails here, where CloudFormation finds the name taken, and is rolled back.
func (d *Deployment) claimIdentitySource() {
	d.claim = awsssm.NewCfnParameter(d.Construct, jsii.String(claimID), &awsssm.CfnParameterProps{
		Name:        &d.names.claim,
		Description: jsii.String("The rollcall deployment that serves this identity source"),
		Type:        jsii.String("String"),
		Value:       &d.props.Name,
	})
}

// addTables adds the people's table, unless they have one, and the control table: what outlives a run of the flusher, namely
// lease, watches, held people, rejects. It holds externalIds and keys, never a profile.
func (d *Deployment) addTables() {
	if d.props.ExistingTable == nil {
		people := d.table("People", d.props.TableName, "id")
		people.SetStreamSpecification(&awsdynamodb.CfnTable_StreamSpecificationProperty{
			StreamViewType: jsii.String("NEW_AND_OLD_IMAGES"),
		})
		d.addIndex(people)
		// People are not deleted with the stack.
		stays(people)
	}
	control := d.table("Control", d.names.control, "kind", "id")
	control.SetTimeToLiveSpecification(&awsdynamodb.CfnTable_TimeToLiveSpecificationProperty{
		AttributeName: jsii.String("expires"),
		Enabled:       jsii.Bool(true),
	})
	if *d.props.DeletionProtection {
		stays(control)
	}
}

// addIndex adds the index on the externalId attribute, where there is to be one. Only who is asked for is looked up in it; the
// items are read from the table.
func (d *Deployment) addIndex(people awsdynamodb.CfnTable) {
	if d.props.ExternalIDIndex == "" {
		return
	}
	people.SetAttributeDefinitions(append(people.AttributeDefinitions().([]any), &awsdynamodb.CfnTable_AttributeDefinitionProperty{
		AttributeName: &d.props.ExternalIDAttribute, AttributeType: jsii.String("S"),
	}))
	people.SetGlobalSecondaryIndexes([]any{&awsdynamodb.CfnTable_GlobalSecondaryIndexProperty{
		IndexName:  &d.props.ExternalIDIndex,
		KeySchema:  []any{&awsdynamodb.CfnTable_KeySchemaProperty{AttributeName: &d.props.ExternalIDAttribute, KeyType: jsii.String("HASH")}},
		Projection: &awsdynamodb.CfnTable_ProjectionProperty{ProjectionType: jsii.String("KEYS_ONLY")},
	}})
}

// table adds a table on demand, with point-in-time recovery, whose key attributes are strings.
func (d *Deployment) table(id, name string, key ...string) awsdynamodb.CfnTable {
	var attributes, schema []any
	for i, attribute := range key {
		attributes = append(attributes, &awsdynamodb.CfnTable_AttributeDefinitionProperty{
			AttributeName: &attribute, AttributeType: jsii.String("S"),
		})
		schema = append(schema, &awsdynamodb.CfnTable_KeySchemaProperty{
			AttributeName: &attribute, KeyType: jsii.String([]string{"HASH", "RANGE"}[i]),
		})
	}
	table := awsdynamodb.NewCfnTable(d.Construct, &id, &awsdynamodb.CfnTableProps{
		TableName:                        &name,
		BillingMode:                      jsii.String("PAY_PER_REQUEST"),
		AttributeDefinitions:             attributes,
		KeySchema:                        schema,
		DeletionProtectionEnabled:        d.props.DeletionProtection,
		PointInTimeRecoverySpecification: &awsdynamodb.CfnTable_PointInTimeRecoverySpecificationProperty{PointInTimeRecoveryEnabled: jsii.Bool(true)},
	})
	// A protected table cannot be deleted when a first deployment is rolled back, so it is made after what such a deployment
	// fails at: a zip that is not there, concurrency that the account does not have.
	table.AddDependency(d.child("StreamHandler"))
	table.AddDependency(d.child("Flusher"))
	if d.props.KMSKeyARN != "" {
		table.SetSseSpecification(&awsdynamodb.CfnTable_SSESpecificationProperty{
			SseEnabled: jsii.Bool(true), SseType: jsii.String("KMS"), KmsMasterKeyId: &d.props.KMSKeyARN,
		})
	}
	return table
}

// addSecret adds the secret for Okta's credentials, empty: whoever holds them puts them in (see docs/deploy.md), so no
// template ever has them.
func (d *Deployment) addSecret() {
	if d.props.Secret != nil {
		d.SecretARN = &d.props.Secret.ARN
		return
	}
	secret := awssecretsmanager.NewCfnSecret(d.Construct, jsii.String("Secret"), &awssecretsmanager.CfnSecretProps{
		Name:        &d.names.secret,
		Description: jsii.String("Okta credentials of " + d.props.Name + `: {"clientId", "privateKey", "keyId"} or {"token"}`),
		KmsKeyId:    optional(d.props.KMSKeyARN),
	})
	stays(secret)
	d.SecretARN = secret.AttrId() // its ARN
}
