package api

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// envelope is what every answer is wrapped in, but for an answer of plain text.
type envelope struct {
	Success  bool        `json:"success"`
	Errors   []*Error    `json:"errors"`
	Messages []message   `json:"messages"`
	Result   any         `json:"result"`
	Info     *resultInfo `json:"result_info,omitempty"`
	text     string      // the whole answer, where there is one
	status   int         // of HTTP where it is not 200; 204 has no body
}

type message struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// resultInfo tells which page of a list an answer holds.
type resultInfo struct {
	Page       int `json:"page"`
	PerPage    int `json:"per_page"`
	Count      int `json:"count"`
	TotalCount int `json:"total_count"`
	TotalPages int `json:"total_pages"`
}

func success(result any) *envelope {
	return &envelope{Success: true, Errors: []*Error{}, Messages: []message{}, Result: result}
}

// paging is what a list call asks for.
type paging struct{ page, perPage int }

// readPaging reads page and per_page. A value that is no number, or below 1, is
// an error as at Cloudflare; per_page above the most allowed is cut to it.
func readPaging(c *call, fallback, least, most int) (paging, *Error) {
	p := paging{page: 1, perPage: fallback}
	for name, to := range map[string]*int{"page": &p.page, "per_page": &p.perPage} {
		text := c.URL.Query().Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || name == "per_page" && n < least {
			return p, badRequest(codeBadQuery, "Invalid value for parameter "+name+".")
		}
		*to = n
	}
	p.perPage = min(p.perPage, most)
	return p, nil
}

// pageOf cuts a page out of a list. A page beyond the end is empty and no error.
func pageOf[T any](all []T, p paging) *envelope {
	from := len(all)
	if p.page-1 <= len(all)/p.perPage { // no overflow for absurd pages
		from = min((p.page-1)*p.perPage, len(all))
	}
	rows := all[from:min(from+p.perPage, len(all))]
	if rows == nil {
		rows = []T{}
	}
	e := success(rows)
	e.Info = &resultInfo{
		Page: p.page, PerPage: p.perPage, Count: len(rows), TotalCount: len(all),
		TotalPages: (len(all) + p.perPage - 1) / p.perPage,
	}
	return e
}

// recorder holds an answer until it is known whether a fault takes its place.
type recorder struct {
	status int
	header http.Header
	body   []byte
}

func (r *recorder) json(status int, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // our own structs always marshal
	}
	r.status, r.body = status, append(b, '\n')
	r.header.Set("Content-Type", "application/json")
}

func (r *recorder) text(body string) {
	r.status, r.body = http.StatusOK, []byte(body)
	r.header.Set("Content-Type", "text/plain; charset=utf-8")
}

func (r *recorder) send(w http.ResponseWriter) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	if r.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // the client has gone if this fails
}
