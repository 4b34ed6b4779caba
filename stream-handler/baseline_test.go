package streamhandler_test

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"
)

// baseline does the handler's work as it is usually done: the payload decoded into the types of aws-lambda-go, the items
// mapped through map[string]any, and a message a record, marshalled by encoding/json.
func baseline(payload []byte) ([]string, error) {
	var batch events.DynamoDBEvent
	if err := json.Unmarshal(payload, &batch); err != nil {
		return nil, err
	}
	var bodies []string
	for _, record := range batch.Records {
		before, after := baselinePerson(record.Change.OldImage), baselinePerson(record.Change.NewImage)
		if reflect.DeepEqual(before, after) {
			continue
		}
		do := "deactivate"
		if after["active"] == true {
			do = "upsert"
		}
		body, err := json.Marshal(map[string]any{
			"v": 1, "trace": uuid.NewString(),
			"intents": []any{map[string]any{
				"id": after["externalId"], "do": do,
				"keys":    []any{map[string]any{"id": map[string]any{"S": record.Change.Keys["id"].String()}}},
				"changed": record.Change.ApproximateCreationDateTime.Unix(),
			}},
		})
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, string(body))
	}
	return bodies, nil
}

// baselinePerson maps an item as the tutorial's mapping does.
func baselinePerson(image map[string]events.DynamoDBAttributeValue) map[string]any {
	item := make(map[string]any, len(image))
	for name, value := range image {
		switch value.DataType() {
		case events.DataTypeString:
			item[name] = value.String()
		case events.DataTypeBoolean:
			item[name] = value.Boolean()
		}
	}
	return map[string]any{
		"externalId": item["id"],
		"active":     item["active"],
		"profile": map[string]any{
			"userName": item["email"], "firstName": item["first_name"], "lastName": item["last_name"],
			"email": item["email"], "mobilePhone": item["cell"], "primaryPhone": item["phone"], "title": item["title"],
			"displayName":   baselineJoin(item["first_name"], item["last_name"]),
			"streetAddress": baselineJoin(item["street_number"], item["street_name"]),
			"city":          item["city"], "state": item["state"], "zipCode": item["postcode"], "countryCode": item["country"],
		},
	}
}

func baselineJoin(values ...any) string {
	var present []string
	for _, value := range values {
		if text, ok := value.(string); ok && text != "" {
			present = append(present, text)
		}
	}
	return strings.Join(present, " ")
}
