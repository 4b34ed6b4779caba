package replay

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// streamPayload writes records of the Streams API as Lambda would deliver them.
func streamPayload(records []types.Record) ([]byte, error) {
	all := make([]stored, 0, len(records))
	for _, r := range records {
		s := stored{EventID: aws.ToString(r.EventID), EventName: string(r.EventName)}
		if c := r.Dynamodb; c != nil {
			s.DynamoDB = storedChange{
				Keys: image(c.Keys), NewImage: image(c.NewImage), OldImage: image(c.OldImage),
				Number: aws.ToString(c.SequenceNumber), ViewType: string(c.StreamViewType),
			}
			if c.ApproximateCreationDateTime != nil {
				s.DynamoDB.Created = c.ApproximateCreationDateTime.Unix()
			}
		}
		all = append(all, s)
	}
	body, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("write records: %w", err)
	}
	return wrap(body), nil
}

// image returns attributes as DynamoDB JSON; nothing for none, and for a type that this release does not know: decode
// then rejects the record for lacking it.
func image(attributes map[string]types.AttributeValue) json.RawMessage {
	if len(attributes) == 0 {
		return nil
	}
	item, err := attributevalue.FromDynamoDBStreamsMap(attributes)
	if err != nil {
		return nil
	}
	body, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		return nil
	}
	return body
}
