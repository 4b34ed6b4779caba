package oktasim

import (
	"encoding/json"
	"maps"
	"net/http"
)

// answer is a response that has not been sent yet.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    cut
}

// cut is where a connection is closed.
type cut string

const (
	cutNowhere cut = ""
	// cutBefore closes it before the request has its effect.
	cutBefore cut = "before"
	// cutAfter closes it after the effect, before the answer.
	cutAfter cut = "after"
	// cutMiddle closes it in the middle of the answer's body.
	cutMiddle cut = "middle"
	// cutLate closes it at once; the request has its effect later.
	cutLate cut = "late"
)

func answerJSON(status int, body any) *answer {
	text, err := json.Marshal(body)
	if err != nil {
		panic("oktasim: marshal answer: " + err.Error())
	}
	return &answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: text}
}

func answerNothing(status int) *answer {
	return &answer{status: status, header: http.Header{}}
}

// refusal is an error as Okta answers it.
type refusal struct {
	status  int
	code    string
	summary string
	causes  []string
	header  http.Header
}

func (f *refusal) Error() string { return f.code + ": " + f.summary }

// cause is one entry of errorCauses.
type cause struct {
	ErrorSummary string `json:"errorSummary"`
}

// errorBody is Okta's error object. The link is the code once more.
type errorBody struct {
	ErrorCode    string  `json:"errorCode"`
	ErrorSummary string  `json:"errorSummary"`
	ErrorLink    string  `json:"errorLink"`
	ErrorID      string  `json:"errorId"`
	ErrorCauses  []cause `json:"errorCauses"`
}

func (f *refusal) answer(errorID string) *answer {
	causes := make([]cause, 0, len(f.causes))
	for _, text := range f.causes {
		causes = append(causes, cause{ErrorSummary: text})
	}
	a := answerJSON(f.status, errorBody{f.code, f.summary, f.code, errorID, causes})
	maps.Copy(a.header, f.header)
	return a
}

// invalid is a failed validation of what: 400 E0000001, the code of most refusals.
func invalid(what string, causes ...string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "E0000001", summary: "Api validation failed: " + what, causes: causes}
}

func malformed() *refusal {
	return &refusal{status: http.StatusBadRequest, code: "E0000003", summary: "The request body was not well-formed."}
}

func notFound(id, kind string) *refusal {
	return &refusal{status: http.StatusNotFound, code: "E0000007", summary: "Not found: Resource not found: " + id + " (" + kind + ")"}
}

func noEndpoint() *refusal {
	return &refusal{status: http.StatusNotFound, code: "E0000022", summary: "The endpoint does not support the provided HTTP method"}
}

func wrongMethod() *refusal {
	f := noEndpoint()
	f.status = http.StatusMethodNotAllowed
	return f
}

func badToken() *refusal {
	return &refusal{status: http.StatusUnauthorized, code: "E0000011", summary: "Invalid token provided"}
}

func forbidden() *refusal {
	return &refusal{status: http.StatusForbidden, code: "E0000006", summary: "You do not have permission to perform the requested action"}
}

func throttled() *refusal {
	return &refusal{status: http.StatusTooManyRequests, code: "E0000047", summary: "API call exceeded rate limit due to too many requests."}
}

func internalError() *refusal {
	return &refusal{status: http.StatusInternalServerError, code: "E0000009", summary: "Internal Server Error"}
}

func readOnly() *refusal {
	return &refusal{status: http.StatusServiceUnavailable, code: "E0000010", summary: "Service is in read only mode"}
}
