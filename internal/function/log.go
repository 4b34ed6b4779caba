package function

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/internal/version"
)

// NewLog returns a logger that writes JSON lines to out, at the level of the configuration.
func NewLog(out io.Writer, level string) *logrus.Entry {
	log := logrus.New()
	log.SetOutput(out)
	log.SetFormatter(&logrus.JSONFormatter{TimestampFormat: time.RFC3339Nano})
	if l, err := logrus.ParseLevel(level); err == nil {
		log.SetLevel(l)
	}
	fields := logrus.Fields{"version": version.String()}
	if name := os.Getenv("AWS_LAMBDA_FUNCTION_NAME"); name != "" {
		fields["function"] = name
	}
	return log.WithFields(fields)
}

// Refuse logs why a function does not start, everything that is wrong in one line. The caller then exits with code 1.
func Refuse(log *logrus.Entry, err error) {
	var problems []string
	for _, e := range each(err) {
		problems = append(problems, e.Error())
	}
	log.WithField("problems", problems).Error("function does not start")
}

// each returns the errors that errors.Join joined. Other errors that wrap several have a text of their own.
func each(err error) (all []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || errors.Join(joined.Unwrap()...).Error() != err.Error() {
		return []error{err}
	}
	for _, e := range joined.Unwrap() {
		all = append(all, each(e)...)
	}
	return all
}
