// Command items-api makes the clients of the function of this name in its own way, and does nothing else.
package main

import (
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"rollcall/internal/awssdk"
)

func main() {
	sdk, err := awssdk.FromEnvironment()
	if err != nil {
		log.Fatal(err)
	}
	table := dynamodb.NewFromConfig(sdk)
	lambda.Start(func() string { return table.Options().Region })
}
