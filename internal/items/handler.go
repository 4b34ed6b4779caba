package items

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"rollcall/intent"
)

// pageItems is how many items a list reads at once.
const pageItems = 500

// Handler serves the tutorial's routes:
//
//	PUT    /items       write the item of the body, a JSON object with the key attribute
//	GET    /items       all items, as an array; ?limit=N&after=KEY reads pages, chained by a Link header
//	GET    /items/{id}  one item
//	DELETE /items/{id}  delete one item
//
// It answers 200, 400 for what cannot be an item, 404 for an unknown id, 405 for another method, 413 for a body or an
// item of more than 400 KB, and 500 when the table fails; every error is {"message":"…"}.
type Handler struct {
	Table Table
	// Key is the name of the partition key, a string; "id" if empty. The table must not have a sort key.
	Key string
	// Failed is told the errors of the table, which the client is not. It may be nil.
	Failed func(error)
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	escaped, one := strings.CutPrefix(path, "/items/")
	switch {
	case path == "/items":
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			h.list(w, r)
		case http.MethodPut:
			h.put(w, r)
		default:
			notAllowed(w, "GET, HEAD, PUT")
		}
	case one && escaped != "":
		key, err := h.key(escaped)
		if err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			h.get(w, r, key)
		case http.MethodDelete:
			h.delete(w, r, key)
		default:
			notAllowed(w, "DELETE, GET, HEAD")
		}
	default:
		refuse(w, http.StatusNotFound, "no such path: the items are at /items")
	}
}

func (h *Handler) schema() Schema {
	if h.Key == "" {
		return Schema{Partition: Attribute{Name: "id"}}
	}
	return Schema{Partition: Attribute{Name: h.Key}}
}

func (h *Handler) key(escaped string) (intent.Key, error) {
	id, err := url.PathUnescape(escaped)
	if err != nil {
		return "", errors.New("the id in the path is not URL-encoded correctly")
	}
	return h.schema().Of(id)
}

func (h *Handler) put(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxItemBytes))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		refuse(w, http.StatusRequestEntityTooLarge, "the body is longer than 400 KB")
		return
	} else if err != nil {
		refuse(w, http.StatusBadRequest, "the body could not be read")
		return
	}
	item, err := FromJSON(body)
	if errors.Is(err, ErrTooLarge) {
		refuse(w, http.StatusRequestEntityTooLarge, "the item is larger than 400 KB")
		return
	} else if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if _, err := h.schema().Key(item); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := h.Table.PutItem(r.Context(), item.JSON()); err != nil {
		h.fail(w, err)
		return
	}
	_, id, _ := item.Attribute(h.schema().Partition.Name)
	answer(w, http.StatusOK, sentence("Put item ", id))
}

func (h *Handler) get(w http.ResponseWriter, r *http.Request, key intent.Key) {
	item, err := h.Table.GetItem(r.Context(), key)
	if err != nil {
		h.fail(w, err)
		return
	}
	if item == nil {
		refuse(w, http.StatusNotFound, "no such item")
		return
	}
	body, err := ToJSON(item)
	if err != nil {
		h.fail(w, err)
		return
	}
	answer(w, http.StatusOK, body)
}

func (h *Handler) delete(w http.ResponseWriter, r *http.Request, key intent.Key) {
	found, err := h.Table.DeleteItem(r.Context(), key)
	if err != nil {
		h.fail(w, err)
		return
	}
	if !found {
		refuse(w, http.StatusNotFound, "no such item")
		return
	}
	item, err := Parse([]byte(key))
	if err != nil {
		h.fail(w, err)
		return
	}
	_, id, _ := item.Attribute(h.schema().Partition.Name)
	answer(w, http.StatusOK, sentence("Deleted item ", id))
}

// list writes pages as they are read, so that a large table needs no memory here.
func (h *Handler) list(w http.ResponseWriter, r *http.Request) {
	limit, after, err := h.page(r.URL.Query())
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	most := pageItems
	if limit > 0 {
		most = limit
	}
	all, last, err := h.Table.ScanItems(r.Context(), after, most)
	if err != nil {
		h.fail(w, err)
		return
	}
	if limit > 0 && last != "" {
		next := url.Values{"limit": {strconv.Itoa(limit)}, "after": {string(last)}}
		w.Header().Set("Link", "</items?"+next.Encode()+`>; rel="next"`)
	}
	w.Header().Set("Content-Type", "application/json")
	separator := "["
	for {
		for _, item := range all {
			body, err := ToJSON(item)
			if err != nil {
				h.abort(err)
			}
			if _, err := io.WriteString(w, separator+string(body)); err != nil {
				return // nobody reads on
			}
			separator = ","
		}
		if last == "" || limit > 0 {
			break
		}
		if all, last, err = h.Table.ScanItems(r.Context(), last, pageItems); err != nil {
			h.abort(err)
		}
	}
	if separator == "[" {
		io.WriteString(w, "[]")
		return
	}
	io.WriteString(w, "]")
}

// page reads the query of a list; limit 0 asks for everything.
func (h *Handler) page(query url.Values) (limit int, after intent.Key, err error) {
	if s := query.Get("limit"); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > pageItems {
			return 0, "", errors.New("limit is not a number from 1 to " + strconv.Itoa(pageItems))
		}
	}
	if s := query.Get("after"); s != "" {
		if after, err = h.schema().Check(intent.Key(s)); err != nil {
			return 0, "", errors.New("after is not a key: take it from the Link header of the page before")
		}
	}
	return limit, after, nil
}
