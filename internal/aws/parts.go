// Package aws puts the connector's parts together on AWS: the table and the control table on DynamoDB, the queues on SQS,
// Okta's credentials in Secrets Manager, and the flusher over them. The flusher function and the command line use the
// same parts, made once for each process.
package aws

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	sqsapi "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/internal/dynamo"
	"rollcall/internal/idhash"
	"rollcall/internal/sqs"
	"rollcall/mapping"
	"rollcall/okta"
)

// Required are the settings that New cannot do without, for config.Load.
func Required() []string {
	return []string{"table", "control", "queue.intents", "queue.urgent", "okta.orgUrl", "okta.identitySourceId", "okta.secretArn"}
}

// Options are what is not in the configuration. Only Log must be set.
type Options struct {
	Log *logrus.Entry
	// Observe is told the report of every flush, Called every call to Okta, each if not nil.
	Observe func(batcher.Report)
	Called  func(okta.Call)
	// Scopes are further OAuth scopes to ask for, as far as the service app was granted them.
	Scopes []string
	// Transport carries the calls to Okta; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

// Parts are the connector's parts on AWS. Each may be used by several goroutines at once.
type Parts struct {
	Config  config.Config
	Mapping *mapping.Mapping
	// Table reads of an item its key and what the mapping needs.
	Table   *dynamo.Table
	Store   *dynamo.Store
	Control *batcher.Control
	Intents *sqs.Queue
	// Urgent is nil where the urgent lane is off.
	Urgent *sqs.Queue
	Okta   *okta.Client
	// Authority authorizes the calls of Okta, and knows the scopes of its token.
	Authority *okta.Authority
	// Name is what may be shown of an externalId: itself where log.showIds says so, else its keyed hash.
	Name    func(externalID string) string
	Flusher *batcher.Flusher

	dynamo *dynamodb.Client
}

// New makes the parts. Nothing is called: what is wrong beyond the configuration shows at the first use.
func New(sdk aws.Config, cfg config.Config, o Options) (*Parts, error) {
	compiled, err := cfg.CompileMapping()
	if err != nil {
		return nil, err
	}
	p := &Parts{Config: cfg, Mapping: compiled}
	p.dynamo = dynamodb.NewFromConfig(sdk)
	p.tables(p.dynamo)
	err = errors.Join(p.queues(sqsapi.NewFromConfig(sdk)), p.okta(secretsmanager.NewFromConfig(sdk), o))
	if err != nil {
		return nil, err
	}
	p.Flusher = p.flusher(o)
	return p, p.Flusher.Validate()
}

func (p *Parts) tables(client *dynamodb.Client) {
	cfg := p.Config
	p.Table = dynamo.NewTable(client, dynamo.TableOptions{
		Name: cfg.Table, ExternalIDIndex: cfg.ExternalIDIndex, Attributes: p.Mapping.Attributes(), ReadRate: cfg.ReadRate,
	})
	p.Store = dynamo.NewStore(client, cfg.Control)
	p.Control = batcher.NewControl(p.Store)
	p.Name = idhash.New(p.Store).Name
	if cfg.Log.ShowIDs {
		p.Name = func(externalID string) string { return externalID }
	}
}

func (p *Parts) queues(client *sqsapi.Client) (err error) {
	if p.Intents, err = sqs.New(client, p.Config.Queue.Intents, sqs.Options{}); err != nil {
		return fmt.Errorf("queue.intents: %w", err)
	}
	if !p.Config.Urgent.Enabled {
		return nil
	}
	if p.Urgent, err = sqs.New(client, p.Config.Queue.Urgent, sqs.Options{}); err != nil {
		return fmt.Errorf("queue.urgent: %w", err)
	}
	return nil
}

func (p *Parts) okta(secrets secretsClient, o Options) (err error) {
	p.Okta, p.Authority, err = newOkta(secrets, p.Config.Okta, o)
	return err
}
