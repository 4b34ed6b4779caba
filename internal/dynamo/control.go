package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"rollcall/batcher"
)

// StoreClient is what Store calls.
type StoreClient interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// The attributes of the control table. Its partition key is kind and its sort key is id, both S; expires is the
// attribute for DynamoDB's time to live.
const (
	attributeKind    = "kind"    // S
	attributeID      = "id"      // S, the entry's ID, or what sortKey makes of a long one
	attributeName    = "name"    // S, the entry's ID where id is not
	attributeValue   = "value"   // S, JSON
	attributeVersion = "version" // N
	attributeExpires = "expires" // N, Unix seconds, absent for never
	attributeWriter  = "writer"  // S, names the Swap that wrote last
)

// Store is the control table. It implements batcher.Store. DynamoDB deletes expired entries days late at times, so
// they are left out here.
type Store struct {
	client StoreClient
	table  string
}

var (
	_ batcher.Store = (*Store)(nil)
	_ StoreClient   = (*dynamodb.Client)(nil)
)

// NewStore returns the control table of this name.
func NewStore(client StoreClient, table string) *Store { return &Store{client, table} }

// Get implements batcher.Store.
func (s *Store) Get(ctx context.Context, kind, id string) (batcher.Entry, error) {
	none := batcher.Entry{Kind: kind, ID: id}
	if err := check(none); err != nil {
		return none, fmt.Errorf("get control entry: %w", err)
	}
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: key(none), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return none, fmt.Errorf("get control entry: %w", err)
	}
	if len(out.Item) == 0 {
		return none, nil
	}
	e, err := entry(out.Item)
	if err != nil {
		return none, fmt.Errorf("get control entry: %w", err)
	}
	if over(e, time.Now()) {
		return none, nil
	}
	return e, nil
}

// List implements batcher.Store.
func (s *Store) List(ctx context.Context, kind string) ([]batcher.Entry, error) {
	in := &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("#kind = :kind"),
		ExpressionAttributeNames:  map[string]string{"#kind": attributeKind},
		ExpressionAttributeValues: map[string]types.AttributeValue{":kind": text(kind)},
	}
	now := time.Now()
	var entries []batcher.Entry
	for {
		out, err := s.client.Query(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list control entries: %w", err)
		}
		for _, item := range out.Items {
			e, err := entry(item)
			if err != nil {
				return nil, fmt.Errorf("list control entries: %w", err)
			}
			if !over(e, now) {
				entries = append(entries, e)
			}
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			slices.SortFunc(entries, func(a, b batcher.Entry) int { return strings.Compare(a.ID, b.ID) })
			return entries, nil
		}
	}
}

// Put implements batcher.Store. Entries are written side by side; of those with one ID the last is written last.
func (s *Store) Put(ctx context.Context, entries []batcher.Entry) error {
	for _, e := range entries {
		if err := check(e); err != nil {
			return fmt.Errorf("put control entries: %w", err)
		}
	}
	err := each(ctx, entries, func(ctx context.Context, e batcher.Entry) error {
		in := s.write(e)
		*in.UpdateExpression += " ADD #version :one"
		in.ExpressionAttributeValues[":one"] = number(1)
		_, err := s.client.UpdateItem(ctx, in)
		return err
	})
	if err != nil {
		return fmt.Errorf("put control entries: %w", err)
	}
	return nil
}

// Swap implements batcher.Store. Where the SDK repeats a call whose answer was lost, the condition fails over the own
// write; the name of the writer tells.
func (s *Store) Swap(ctx context.Context, e batcher.Entry) error {
	if err := check(e); err != nil {
		return fmt.Errorf("swap control entry: %w", err)
	}
	in := s.write(e)
	writer := uuid.NewString()
	*in.UpdateExpression = "SET #version = :next, #writer = :writer, " + strings.TrimPrefix(*in.UpdateExpression, "SET ")
	in.ExpressionAttributeNames["#writer"] = attributeWriter
	in.ExpressionAttributeNames["#expires"] = attributeExpires
	values := in.ExpressionAttributeValues
	values[":next"], values[":writer"], values[":now"] = number(e.Version+1), text(writer), number(time.Now().Unix())
	if e.Version == 0 {
		in.ConditionExpression = aws.String("attribute_not_exists(#version) OR #expires <= :now")
	} else {
		in.ConditionExpression = aws.String("#version = :version AND (attribute_not_exists(#expires) OR #expires > :now)")
		values[":version"] = number(e.Version)
	}
	in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	_, err := s.client.UpdateItem(ctx, in)
	if refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		if was, ok := refused.Item[attributeWriter].(*types.AttributeValueMemberS); ok && was.Value == writer {
			return nil
		}
		err = batcher.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("swap control entry: %w", err)
	}
	return nil
}

// write returns the update that sets the entry's value and its end.
func (s *Store) write(e batcher.Entry) *dynamodb.UpdateItemInput {
	names := map[string]string{"#value": attributeValue, "#version": attributeVersion, "#expires": attributeExpires}
	values := map[string]types.AttributeValue{":value": text(string(e.Value))}
	expression := "SET #value = :value"
	if sortKey(e.ID) != e.ID {
		expression += ", #name = :name"
		names["#name"] = attributeName
		values[":name"] = text(e.ID)
	}
	if e.Expires.IsZero() {
		expression += " REMOVE #expires"
	} else {
		expression += ", #expires = :expires"
		values[":expires"] = number(seconds(e.Expires))
	}
	return &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: key(e), UpdateExpression: &expression,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}
}

// Delete implements batcher.Store.
func (s *Store) Delete(ctx context.Context, entries []batcher.Entry) error {
	err := each(ctx, entries, func(ctx context.Context, e batcher.Entry) error {
		if err := check(batcher.Entry{Kind: e.Kind, ID: e.ID}); err != nil {
			return err
		}
		in := &dynamodb.DeleteItemInput{TableName: &s.table, Key: key(e)}
		if e.Version != 0 {
			in.ConditionExpression = aws.String("#version = :version")
			in.ExpressionAttributeNames = map[string]string{"#version": attributeVersion}
			in.ExpressionAttributeValues = map[string]types.AttributeValue{":version": number(e.Version)}
		}
		_, err := s.client.DeleteItem(ctx, in)
		if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("delete control entries: %w", err)
	}
	return nil
}

// over tells whether the entry has ended.
func over(e batcher.Entry, now time.Time) bool { return !e.Expires.IsZero() && !e.Expires.After(now) }

// seconds rounds up: an entry never ends early.
func seconds(t time.Time) int64 { return t.Add(time.Second - 1).Unix() }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
