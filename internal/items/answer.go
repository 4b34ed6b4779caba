package items

import "net/http"

// sentence joins a text and the value of a key attribute, {"S":"jane"}, into a JSON string.
func sentence(text string, value []byte) []byte {
	quoted := value[len(`{"S":`) : len(value)-1]
	return append(append([]byte{'"'}, text...), quoted[1:]...)
}

func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}

func refuse(w http.ResponseWriter, status int, message string) {
	body := appendString([]byte(`{"message":`), message)
	answer(w, status, append(body, '}'))
}

func notAllowed(w http.ResponseWriter, allowed string) {
	w.Header().Set("Allow", allowed)
	refuse(w, http.StatusMethodNotAllowed, "method not allowed here: "+allowed)
}

func (h *Handler) fail(w http.ResponseWriter, err error) {
	h.tell(err)
	refuse(w, http.StatusInternalServerError, "the table could not be reached")
}

// abort ends an answer that has begun, so that the client cannot take a part for the whole.
func (h *Handler) abort(err error) {
	h.tell(err)
	panic(http.ErrAbortHandler)
}

func (h *Handler) tell(err error) {
	if h.Failed != nil {
		h.Failed(err)
	}
}
