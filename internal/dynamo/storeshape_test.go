package dynamo

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// fakeStoreShape describes a control table as infra makes it.
type fakeStoreShape struct {
	life *types.TimeToLiveDescription
	err  error
}

func (f *fakeStoreShape) DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return &dynamodb.DescribeTableOutput{Table: &types.TableDescription{
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("kind"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("id"), KeyType: types.KeyTypeRange},
		},
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("kind"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
		},
	}}, f.err
}

func (f *fakeStoreShape) DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: f.life}, nil
}

func TestDescribeStore(t *testing.T) {
	life := func(status types.TimeToLiveStatus) *types.TimeToLiveDescription {
		return &types.TimeToLiveDescription{AttributeName: aws.String("expires"), TimeToLiveStatus: status}
	}
	want := WantedStore()
	for _, status := range []types.TimeToLiveStatus{types.TimeToLiveStatusEnabled, types.TimeToLiveStatusEnabling} {
		shape, err := DescribeStore(t.Context(), &fakeStoreShape{life: life(status)}, "control")
		if err != nil || shape != want {
			t.Errorf("%s: %+v, %v, want %+v", status, shape, err, want)
		}
	}
	want.TimeToLive = ""
	for _, off := range []*types.TimeToLiveDescription{nil, life(types.TimeToLiveStatusDisabled), life(types.TimeToLiveStatusDisabling)} {
		shape, err := DescribeStore(t.Context(), &fakeStoreShape{life: off}, "control")
		if err != nil || shape != want {
			t.Errorf("%+v: %+v, %v, want no time to live", off, shape, err)
		}
	}
	broken := errors.New("no such table")
	if _, err := DescribeStore(t.Context(), &fakeStoreShape{err: broken}, "control"); !errors.Is(err, broken) {
		t.Errorf("error %v, want it to hold %v", err, broken)
	}
}

func TestDescribeWithoutTheIndex(t *testing.T) {
	shape, err := NewTable(&fakeTable{}, TableOptions{Name: "people", ExternalIDIndex: "by-nobody"}).Describe(t.Context())
	missing, is := errors.AsType[*MissingIndexError](err)
	if !is || missing.Index != "by-nobody" || shape.Schema.Partition.Name != "id" {
		t.Errorf("%+v, %v, want the rest of the shape and which index is missing", shape, err)
	}
}
