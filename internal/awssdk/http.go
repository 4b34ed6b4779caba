package awssdk

import (
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// AnswerWithin is how long AWS may take until an answer begins: a long poll of SQS takes 20 s.
const AnswerWithin = 30 * time.Second

// HTTPClient returns what every client of the SDK must send its calls with. It goes by over, the SDK's own client if nil,
// and gives up on an answer that does not begin in time.
//
// It keeps from net/http that a request's body can write itself. smithy-go 1.28.9 closes the body as soon as an answer
// begins, and its safeWriteToReadCloser.WriteTo then returns io.EOF as an error, where its Read returns the EOF that ends
// a copy. Where net/http has not yet looked whether the body holds more than was promised, it takes this for a request
// that could not be written, and closes the connection under the answer. The SDK sends the call again; but the messages
// of an answer of ReceiveMessage that was lost are hidden until their visibility is over. TestAnswersSurviveAClosedBody
// says when smithy-go has mended it.
func HTTPClient(over aws.HTTPClient, answerWithin time.Duration) aws.HTTPClient {
	if over == nil {
		over = awshttp.NewBuildableClient()
	}
	if buildable, ok := over.(*awshttp.BuildableClient); ok {
		over = buildable.WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = answerWithin })
	}
	return client{over}
}

type client struct{ over aws.HTTPClient }

// Do implements the SDK's HTTP client.
func (c client) Do(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		request = request.WithContext(request.Context()) // the caller's request stays as it is
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	return c.over.Do(request)
}
