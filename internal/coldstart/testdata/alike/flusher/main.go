// Command flusher makes the clients of the function of this name in its own way, and does nothing else.
package main

import (
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rollcall/internal/awssdk"
)

func main() {
	sdk, err := awssdk.FromEnvironment()
	if err != nil {
		log.Fatal(err)
	}
	queue, table, secrets := sqs.NewFromConfig(sdk), dynamodb.NewFromConfig(sdk), secretsmanager.NewFromConfig(sdk)
	lambda.StartWithOptions(func() string {
		return queue.Options().Region + table.Options().Region + secrets.Options().Region
	}, lambda.WithEnableSIGTERM())
}
