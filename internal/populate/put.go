package populate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	// tries is how often a row is sent to an API that does not answer, or says that it cannot just now.
	tries = 4
	// maxAnswer is how much of an answer is read for its message.
	maxAnswer = 1 << 10
)

// misled are answers that say nothing about a row: this is not the items API, or it is not for us.
var misled = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed}

// Report is told of the rows one by one, in the file's order.
type Report interface {
	// Put is called for a row that the API took.
	Put(Row)
	// Bad is called for a row that could not be an item, or that the API refused.
	Bad(*RowError)
}

// Run puts every row to the items API at url (http://host/items). A bad row is reported and does not keep back the
// others; an API that cannot be reached ends the run with an error, after a few tries.
func Run(ctx context.Context, client *http.Client, url string, rows *Rows, report Report) error {
	for {
		row, err := rows.Next()
		var bad *RowError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			report.Bad(bad)
			continue
		case err != nil:
			return fmt.Errorf("read rows: %w", err)
		}
		refused, err := put(ctx, client, url, row)
		switch {
		case err != nil:
			return fmt.Errorf("put line %d: %w", row.Line, err)
		case refused != "":
			report.Bad(&RowError{Line: row.Line, Reason: refused})
		default:
			report.Put(row)
		}
	}
}

// put sends one row until the API takes or refuses it. It returns why it was refused.
func put(ctx context.Context, client *http.Client, url string, row Row) (refused string, err error) {
	body, err := json.Marshal(row.Item)
	if err != nil {
		return "", fmt.Errorf("marshal item: %w", err)
	}
	pause := backoff.NewExponentialBackOff(backoff.WithInitialInterval(200 * time.Millisecond))
	policy := backoff.WithContext(backoff.WithMaxRetries(pause, tries-1), ctx)
	return backoff.RetryWithData(func() (string, error) { return putOnce(ctx, client, url, body) }, policy)
}

// putOnce sends one body. The error is of kinds that may pass, unless it is permanent.
func putOnce(ctx context.Context, client *http.Client, url string, body []byte) (refused string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return "", backoff.Permanent(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch status := response.StatusCode; {
	case status == http.StatusTooManyRequests || status >= 500:
		return "", fmt.Errorf("the API answers %s", response.Status)
	case slices.Contains(misled, status):
		return "", backoff.Permanent(fmt.Errorf("the API answers %s: %s", response.Status, message(answer)))
	case status >= 300:
		return message(answer), nil
	}
	return "", err
}

// message returns the message of an answer {"message":"…"}, or the answer itself on one line.
func message(answer []byte) string {
	var body struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(answer, &body) == nil && body.Message != "" {
		return body.Message
	}
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(answer), "�")), " ")
	if text == "" {
		return "refused without a reason"
	}
	return text
}
