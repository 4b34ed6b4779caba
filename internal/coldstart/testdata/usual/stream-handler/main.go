// Command stream-handler makes the clients of the function of this name in the usual way, and does nothing else.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func main() {
	sdk, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	queue := sqs.NewFromConfig(sdk)
	lambda.Start(func() string { return queue.Options().Region })
}
