package dynamo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rollcall/batcher"
	"rollcall/internal/contract"
)

// TestStoreContract runs the contract suite over a control table that evaluates the expressions of Store, and of which
// only consistent reads see anything.
func TestStoreContract(t *testing.T) {
	contract.Store(t, func(t *testing.T) batcher.Store {
		return NewStore(&controlTable{T: t, items: map[string]map[string]types.AttributeValue{}}, "control")
	}, contract.StoreOptions{Bubble: true})
}

// controlTable is the control table as DynamoDB has it, as far as Store's calls go. A condition or an update that it does
// not know fails the test.
type controlTable struct {
	*testing.T

	mu    sync.Mutex
	items map[string]map[string]types.AttributeValue
}

// place is where an item lies: kinds come one after the other, and the IDs of one in their order.
func place(key map[string]types.AttributeValue) string {
	return textOf(key["kind"]) + "\x00" + textOf(key["id"])
}

func textOf(value types.AttributeValue) string { return value.(*types.AttributeValueMemberS).Value }

func numberOf(value types.AttributeValue) int64 {
	n, err := strconv.ParseInt(value.(*types.AttributeValueMemberN).Value, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func (c *controlTable) GetItem(ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !aws.ToBool(in.ConsistentRead) {
		return &dynamodb.GetItemOutput{}, ctx.Err()
	}
	return &dynamodb.GetItemOutput{Item: maps.Clone(c.items[place(in.Key)])}, ctx.Err()
}

// Query answers with two items a page.
func (c *controlTable) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := &dynamodb.QueryOutput{}
	if !aws.ToBool(in.ConsistentRead) {
		return out, ctx.Err()
	}
	after := ""
	if len(in.ExclusiveStartKey) > 0 {
		after = place(in.ExclusiveStartKey)
	}
	for _, at := range slices.Sorted(maps.Keys(c.items)) {
		item := c.items[at]
		if textOf(item["kind"]) != textOf(in.ExpressionAttributeValues[":kind"]) || at <= after {
			continue
		}
		if len(out.Items) == 2 {
			out.LastEvaluatedKey = map[string]types.AttributeValue{"kind": out.Items[1]["kind"], "id": out.Items[1]["id"]}
			break
		}
		out.Items = append(out.Items, maps.Clone(item))
	}
	return out, ctx.Err()
}

func (c *controlTable) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	item := c.items[place(in.Key)]
	if !c.holds(in.ConditionExpression, in.ExpressionAttributeValues, item) {
		return nil, &types.ConditionalCheckFailedException{Item: item}
	}
	next := maps.Clone(in.Key)
	maps.Copy(next, item)
	if err := update(next, *in.UpdateExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues); err != nil {
		c.Error(err)
	}
	c.items[place(in.Key)] = next
	return &dynamodb.UpdateItemOutput{}, ctx.Err()
}

func (c *controlTable) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !c.holds(in.ConditionExpression, in.ExpressionAttributeValues, c.items[place(in.Key)]) {
		return nil, &types.ConditionalCheckFailedException{}
	}
	delete(c.items, place(in.Key))
	return &dynamodb.DeleteItemOutput{}, nil
}

// holds evaluates a condition over an item; nil is one that is not there.
func (c *controlTable) holds(condition *string, values, item map[string]types.AttributeValue) bool {
	version, expires := item["version"], item["expires"]
	is := version != nil && values[":version"] != nil && numberOf(version) == numberOf(values[":version"])
	switch aws.ToString(condition) {
	case "":
		return true
	case "#version = :version":
		return is
	case "attribute_not_exists(#version) OR #expires <= :now":
		return version == nil || expires != nil && numberOf(expires) <= numberOf(values[":now"])
	case "#version = :version AND (attribute_not_exists(#expires) OR #expires > :now)":
		return is && (expires == nil || numberOf(expires) > numberOf(values[":now"]))
	}
	c.Errorf("unknown condition %s", *condition)
	return false
}

// update applies an expression: SET #a = :a, #b = :b REMOVE #c ADD #d :d.
func update(item map[string]types.AttributeValue, expression string, names map[string]string, values map[string]types.AttributeValue) error {
	clause := ""
	words := strings.Fields(strings.ReplaceAll(expression, ",", ""))
	for len(words) > 0 {
		word := words[0]
		switch {
		case !strings.HasPrefix(word, "#"):
			clause, words = word, words[1:]
		case clause == "SET" && len(words) > 2 && words[1] == "=":
			item[names[word]], words = values[words[2]], words[3:]
		case clause == "REMOVE":
			delete(item, names[word])
			words = words[1:]
		case clause == "ADD" && len(words) > 1:
			n := numberOf(values[words[1]])
			if was := item[names[word]]; was != nil {
				n += numberOf(was)
			}
			item[names[word]], words = number(n), words[2:]
		default:
			return fmt.Errorf("unknown update %s", expression)
		}
	}
	return nil
}
