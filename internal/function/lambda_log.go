package function

import (
	"bytes"
	"encoding/json"
	"log"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/sirupsen/logrus"
)

// TakeLambdaLog has what aws-lambda-go logs, by the standard logger, become lines of this log. It logs the error of every
// invocation that fails: handlers return theirs and do not log them.
func TakeLambdaLog(to *logrus.Entry) {
	log.SetFlags(0)
	log.SetPrefix("")
	log.SetOutput(lambdaLog{to})
}

// lambdaLog takes lines. That of an invocation that failed is the JSON which Lambda is told.
type lambdaLog struct{ to *logrus.Entry }

// Write implements io.Writer.
func (l lambdaLog) Write(line []byte) (int, error) {
	var failure messages.InvokeResponse_Error
	if json.Unmarshal(line, &failure) != nil || failure.Type == "" {
		l.to.Warn(string(bytes.TrimSpace(line)))
		return len(line), nil
	}
	entry := l.to.WithField("error", failure.Message)
	if len(failure.StackTrace) > 0 {
		entry = entry.WithField("stack", failure.StackTrace)
	}
	entry.Error("invocation failed")
	return len(line), nil
}
