package cloudflare

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// envelope is what every answer of the API is wrapped in.
type envelope struct {
	Success    *bool           `json:"success"`
	Errors     json.RawMessage `json:"errors"`
	Messages   json.RawMessage `json:"messages"`
	Result     json.RawMessage `json:"result"`
	ResultInfo *resultInfo     `json:"result_info"`

	errors   []Detail
	messages []string
}

// resultInfo tells where in a list a page is. Absent fields are zero.
type resultInfo struct {
	Page       float64 `json:"page"`
	PerPage    float64 `json:"per_page"`
	Count      float64 `json:"count"`
	TotalCount float64 `json:"total_count"`
	TotalPages float64 `json:"total_pages"`
}

// Detail is one error as Cloudflare gave it.
type Detail struct {
	Code    int    // 0 if it gave none
	Message string // never empty
	Pointer string // JSON pointer into the request, if any
}

// errNotEnvelope says that a body is no answer of the API: HTML, empty, cut short.
var errNotEnvelope = errors.New("not an answer of the Cloudflare API")

func parseEnvelope(body []byte) (envelope, error) {
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil || env.Success == nil {
		return envelope{}, errNotEnvelope
	}
	env.errors = flatten(parseDetails(env.Errors))
	for _, m := range flatten(parseDetails(env.Messages)) {
		env.messages = append(env.messages, m.Message)
	}
	return env, nil
}

// wireDetail has the shapes that services use: code a number, a string or absent;
// DNS wraps the root cause in error_chain, or does not.
type wireDetail struct {
	Code    any    `json:"code"`
	Message string `json:"message"`
	Source  struct {
		Pointer string `json:"pointer"`
	} `json:"source"`
	Chain json.RawMessage `json:"error_chain"`
}

// nestedDetail is a Detail with its causes.
type nestedDetail struct {
	Detail
	causes []nestedDetail
}

// parseDetails is lenient: what it cannot read it leaves out, because the status
// of the answer still speaks.
func parseDetails(raw json.RawMessage) []nestedDetail {
	const maxDepth = 8 // an answer is untrusted: no deep recursion
	return parseDetailsTo(raw, maxDepth)
}

func parseDetailsTo(raw json.RawMessage, depth int) []nestedDetail {
	var items []json.RawMessage
	if depth == 0 || json.Unmarshal(raw, &items) != nil {
		return nil
	}
	var out []nestedDetail
	for _, item := range items {
		var text string
		if json.Unmarshal(item, &text) == nil {
			if text != "" {
				out = append(out, nestedDetail{Detail: Detail{Message: text}})
			}
			continue
		}
		var w wireDetail
		// A field of the wrong type leaves the others filled.
		if err := json.Unmarshal(item, &w); err != nil && w.Message == "" && w.Code == nil {
			continue
		}
		d := nestedDetail{Detail: Detail{Message: w.Message, Pointer: w.Source.Pointer}, causes: parseDetailsTo(w.Chain, depth-1)}
		switch code := w.Code.(type) {
		case float64:
			d.Code = int(code)
		case string:
			if n, err := strconv.Atoi(code); err == nil {
				d.Code = n
			} else if code != "" {
				d.Message = strings.TrimSuffix(code+": "+d.Message, ": ")
			}
		}
		if d.Message == "" && d.Code == 0 {
			continue
		}
		if d.Message == "" {
			d.Message = "no message"
		}
		out = append(out, d)
	}
	return out
}

// flatten lists errors with their causes, each after what it caused.
func flatten(nested []nestedDetail) []Detail {
	var out []Detail
	for _, n := range nested {
		out = append(out, n.Detail)
		out = append(out, flatten(n.causes)...)
	}
	return out
}

// rootCause is the deepest cause of the first error: chains are outermost first.
func rootCause(raw json.RawMessage) Detail {
	nested := parseDetails(raw)
	if len(nested) == 0 {
		return Detail{}
	}
	d := nested[0]
	for len(d.causes) > 0 {
		d = d.causes[0]
	}
	return d.Detail
}

// complete reports whether a body looks like a whole JSON object: a list of
// 5,000 records is not worth parsing twice to learn that.
func complete(body []byte) bool {
	body = bytes.TrimSpace(body)
	return len(body) > 1 && body[0] == '{' && body[len(body)-1] == '}'
}
