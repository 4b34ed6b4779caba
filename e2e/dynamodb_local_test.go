//go:build e2e

package e2e

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/contract"
	"rollcall/internal/dynamo"
	"rollcall/internal/items"
	"rollcall/internal/scan"
)

var dynamoDBLocal = Artifact{"software.amazon.dynamodb", "DynamoDBLocal", "3.1.0"}

//go:embed DynamoDBLocal.java
var launcher []byte

// startDynamoDB starts DynamoDB Local and returns its URL.
func startDynamoDB(t *testing.T) string {
	t.Helper()
	java, jars := Java(t), Jars(t, dynamoDBLocal)
	source := filepath.Join(t.TempDir(), "DynamoDBLocal.java")
	if err := os.WriteFile(source, launcher, 0o644); err != nil {
		t.Fatal(err)
	}
	port := FreePort(t)
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	Start(t, Program{
		Name: "dynamodb-local",
		Command: []string{java, "-Djava.library.path=" + jars, "-cp", jars + "/*", source,
			"-inMemory", "-disableTelemetry", "-port", fmt.Sprint(port)},
		Ready: Answers(url),
	})
	return url
}

// dynamoClient is made as the functions make theirs, from the environment alone. DynamoDB Local answers some calls
// without the checksum that DynamoDB always sends, which the SDK would warn of each time.
func dynamoClient(t *testing.T) *dynamodb.Client {
	t.Helper()
	return dynamodb.NewFromConfig(loadAWS(t), func(o *dynamodb.Options) { o.DisableValidateResponseChecksum = true })
}

var tables atomic.Int64

// newTable makes a table with a stream and returns its name.
func newTable(t *testing.T, client *dynamodb.Client, o contract.TableOptions) string {
	t.Helper()
	name := fmt.Sprintf("table-%d", tables.Add(1))
	in := &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
	}
	define := func(a items.Attribute) {
		kind := types.ScalarAttributeTypeS
		if a.Type != "" {
			kind = types.ScalarAttributeType(a.Type)
		}
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String(a.Name), AttributeType: kind})
	}
	element := func(name string, kind types.KeyType) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: &name, KeyType: kind}
	}
	define(o.Schema.Partition)
	in.KeySchema = append(in.KeySchema, element(o.Schema.Partition.Name, types.KeyTypeHash))
	if o.Schema.Sort.Name != "" {
		define(o.Schema.Sort)
		in.KeySchema = append(in.KeySchema, element(o.Schema.Sort.Name, types.KeyTypeRange))
	}
	if o.ExternalIDIndex != "" {
		define(items.Attribute{Name: o.ExternalIDIndex})
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-external-id"), KeySchema: []types.KeySchemaElement{element(o.ExternalIDIndex, types.KeyTypeHash)},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}}
	}
	if _, err := client.CreateTable(t.Context(), in); err != nil {
		t.Fatalf("create table: %v", err)
	}
	return name
}

// putter writes items in DynamoDB JSON.
func putter(client *dynamodb.Client, table string) func(context.Context, []byte) error {
	return func(ctx context.Context, item []byte) error {
		values, err := attributevalue.UnmarshalMapJSON(item)
		if err != nil {
			return err
		}
		_, err = client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: values})
		return err
	}
}

func TestDynamoDBLocal(t *testing.T) {
	url := startDynamoDB(t)
	UseAWS(t, map[string]string{"DYNAMODB": url, "DYNAMODB_STREAMS": url})
	client := dynamoClient(t)
	t.Run("table", func(t *testing.T) {
		contract.Table(t, func(t *testing.T, o contract.TableOptions) contract.SeededTable {
			name := newTable(t, client, o)
			options := dynamo.TableOptions{Name: name}
			if o.ExternalIDIndex != "" {
				options.ExternalIDIndex = "by-external-id"
			}
			return contract.SeededTable{
				Table: dynamo.NewTable(client, options), Put: putter(client, name),
				Delete: func(ctx context.Context, key intent.Key) error {
					values, err := attributevalue.UnmarshalMapJSON([]byte(key))
					if err != nil {
						return err
					}
					_, err = client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: values})
					return err
				},
			}
		})
	})
	t.Run("control table", func(t *testing.T) {
		contract.Store(t, func(t *testing.T) batcher.Store {
			return dynamo.NewStore(client, newTable(t, client, contract.TableOptions{Schema: items.Schema{
				Partition: items.Attribute{Name: "kind"}, Sort: items.Attribute{Name: "id"},
			}}))
		}, contract.StoreOptions{})
	})
	byID := contract.TableOptions{Schema: items.Schema{Partition: items.Attribute{Name: "id"}}}
	t.Run("items API", func(t *testing.T) {
		contract.Items(t, func(t *testing.T) items.Table { return dynamo.NewItems(client, newTable(t, client, byID), "id") })
	})
	t.Run("scan and projection", func(t *testing.T) {
		name := newTable(t, client, byID)
		put := putter(client, name)
		pad := strings.Repeat("x", 100_000) // so that a segment is several pages of a megabyte
		for n := range 60 {
			if err := put(t.Context(), fmt.Appendf(nil, `{"id":{"S":"p%d"},"pad":{"S":"%s"},"e.mail":{"S":"e%d"}}`, n, pad, n)); err != nil {
				t.Fatal(err)
			}
		}
		table := dynamo.NewTable(client, dynamo.TableOptions{Name: name, Attributes: []string{"e.mail", "not there"}, ReadRate: 10_000})
		seen := map[string]bool{}
		if err := scan.Table(t.Context(), table, scan.DefaultSegments, nil, func(p scan.Page) error {
			for _, item := range p.Items {
				seen[string(item)] = true
			}
			return nil
		}); err != nil || len(seen) != 60 || !seen[`{"e.mail":{"S":"e7"},"id":{"S":"p7"}}`] {
			t.Errorf("scan = %d items, %v; p7 as projected: %v", len(seen), err, seen[`{"e.mail":{"S":"e7"},"id":{"S":"p7"}}`])
		}
		key := intent.Key(`{"id":{"S":"p7"}}`)
		if found, _, err := table.Get(t.Context(), []intent.Key{key}); err != nil || string(found[key]) != `{"e.mail":{"S":"e7"},"id":{"S":"p7"}}` {
			t.Errorf("get = %.200s, %v", found[key], err)
		}
	})
	t.Run("stream", func(t *testing.T) { testStream(t, client, newTable(t, client, byID)) })
}
