package streamhandler_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/go-json-experiment/json"

	"rollcall/internal/sample"
	"rollcall/mapping"
)

// tutorial is the mapping that the README shows.
func tutorial(t testing.TB) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Compile(mapping.Spec{
		ExternalID: "id",
		Active:     "active",
		Profile: map[string]string{
			"userName": "email", "firstName": "first_name", "lastName": "last_name", "email": "email",
			"mobilePhone": "cell", "primaryPhone": "phone", "title": "title",
			"displayName":   `first_name + " " + last_name`,
			"streetAddress": `street_number + " " + street_name`,
			"city":          "city", "state": "state", "zipCode": "postcode", "countryCode": "country",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// burst is a payload of n MODIFY records with both images, of sample people. Of every hundred 15 change nothing that is
// mapped, 2 become inactive, and the others have a new phone.
func burst(t testing.TB, n int) []byte {
	t.Helper()
	var records []string
	for i, person := range sample.Generate(7, n) {
		before := maps.Clone(person)
		switch step := i * 37 % 100; {
		case step < 15:
			person["last_login"] = fmt.Sprintf("2026-01-01T00:00:%02dZ", i%60)
		case step < 17:
			person["active"] = false
		default:
			person["phone"] = fmt.Sprintf("555-%04d", i)
		}
		records = append(records, modify(t, i, before, person))
	}
	return payload(records...)
}

// modify is a MODIFY record as Lambda delivers it.
func modify(t testing.TB, i int, before, after map[string]any) string {
	t.Helper()
	return fmt.Sprintf(`{"eventID":"%032x","eventName":"MODIFY","eventVersion":"1.1","eventSource":"aws:dynamodb",`+
		`"awsRegion":"us-east-1","dynamodb":{"ApproximateCreationDateTime":%d,"Keys":{"id":{"S":%q}},`+
		`"NewImage":%s,"OldImage":%s,"SequenceNumber":"%021d","SizeBytes":900,"StreamViewType":"NEW_AND_OLD_IMAGES"},`+
		`"eventSourceARN":"arn:aws:dynamodb:us-east-1:123456789012:table/people/stream/2026-01-01T00:00:00.000"}`,
		i, 1700000000+i, before["id"], image(t, after), image(t, before), i+1)
}

// image is an item as DynamoDB JSON.
func image(t testing.TB, item map[string]any) []byte {
	t.Helper()
	typed := map[string]map[string]any{}
	for name, value := range item {
		switch value.(type) {
		case bool:
			typed[name] = map[string]any{"BOOL": value}
		case string:
			typed[name] = map[string]any{"S": value}
		default:
			t.Fatalf("%s is a %T", name, value)
		}
	}
	b, err := json.Marshal(typed, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
