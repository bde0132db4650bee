package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is one way in which the API misbehaves. The fields are those of the
// control interface's JSON.
type Fault struct {
	// Status of the answer. 200 with the body "json" is an answer that says
	// success: false. Not needed with Cut.
	Status int `json:"status"`
	// Body is "json" (default), "html", "text", "empty", or "truncated": half
	// of a JSON body, and the connection ends.
	Body string `json:"body"`
	// Every N-th matching call is hit; 0 and 1 hit each.
	Every int `json:"every"`
	// Count calls are hit in all; 0 sets no end.
	Count int `json:"count"`
	// RetryAfter is the header in seconds; 0 sends none.
	RetryAfter int `json:"retry_after"`
	// Route is "METHOD /path/{template}" as the counters show it, a path
	// template alone for every method, or empty for every call.
	Route string `json:"route"`
	// After lets the call take effect first.
	After bool `json:"after"`
	// Cut ends the connection without an answer.
	Cut bool `json:"cut"`
	// Code of the error in a JSON body: a number, a string as some services
	// have it, or absent, when the status decides; null leaves it out.
	Code json.RawMessage `json:"code"`
	// Message of the error in a JSON body; default the status's text.
	Message string `json:"message"`
	// NullLists writes null for errors and messages.
	NullLists bool `json:"null_lists"`
	// DelayMS is how long the second half of the body lets wait for itself.
	DelayMS int `json:"delay_ms"`
}

// faultList keeps the faults that are set and how often each was met.
type faultList struct {
	mu   sync.Mutex
	list []*countedFault
}

type countedFault struct {
	Fault
	seen, hit int
}

// SetFaults puts these faults in the place of those set before. Where several
// fit a call, the first that is due is played. On an error none is changed.
func (s *Server) SetFaults(faults []Fault) error {
	list := make([]*countedFault, 0, len(faults))
	for i, f := range faults {
		if err := f.check(); err != nil {
			return fmt.Errorf("API fault %d: %w", i+1, err)
		}
		list = append(list, &countedFault{Fault: f})
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = list
	return nil
}

func (f Fault) check() error {
	bodies := []string{"", "json", "html", "text", "empty", "truncated"}
	switch {
	case !f.Cut && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status %d is not one from 200 to 599", f.Status)
	case !slices.Contains(bodies, f.Body):
		return fmt.Errorf("unknown body %q; known are %s", f.Body, strings.Join(bodies[1:], ", "))
	case f.Every < 0 || f.Count < 0 || f.RetryAfter < 0 || f.DelayMS < 0:
		return fmt.Errorf("every, count, retry_after and delay_ms cannot be negative")
	case f.Route == "":
		return nil
	}
	var known []string
	for _, r := range routes() {
		label := r.method + " " + r.template
		if fits(f.Route, label) {
			return nil
		}
		known = append(known, label)
	}
	return fmt.Errorf("unknown route %q; known are %s", f.Route, strings.Join(known, ", "))
}

func fits(pattern, label string) bool {
	_, template, _ := strings.Cut(label, " ")
	return pattern == "" || pattern == label || pattern == template
}

// next returns the fault that a call meets.
func (l *faultList) next(label string) (Fault, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.list {
		if !fits(f.Route, label) || f.Count > 0 && f.hit >= f.Count {
			continue
		}
		f.seen++
		if f.Every > 1 && f.seen%f.Every != 0 {
			continue
		}
		f.hit++
		return f.Fault, true
	}
	return Fault{}, false
}

// status is what the counters note; 0 for a connection that was cut.
func (f Fault) status() int {
	if f.Cut {
		return 0
	}
	return f.Status
}

// play gives the answer of a fault.
func (f Fault) play(w http.ResponseWriter, r *http.Request) {
	if f.Cut {
		panic(http.ErrAbortHandler) // net/http ends the connection and says nothing
	}
	body, kind := f.content()
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	if kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(f.Status)
	half := len(body) / 2
	if f.Body == "truncated" || f.DelayMS > 0 {
		_, _ = w.Write(body[:half])
		_ = http.NewResponseController(w).Flush()
		pause(r, time.Duration(f.DelayMS)*time.Millisecond)
		body = body[half:]
	}
	if f.Body == "truncated" {
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
}

// content returns the body and its media type.
func (f Fault) content() ([]byte, string) {
	text := fmt.Sprintf("%d %s", f.Status, statusText(f.Status))
	switch f.Body {
	case "empty":
		return nil, ""
	case "text":
		return []byte("error code: " + strconv.Itoa(f.Status) + "\n"), "text/plain; charset=UTF-8"
	case "html":
		return []byte("<html>\r\n<head><title>" + text + "</title></head>\r\n<body>\r\n<center><h1>" + text +
			"</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"), "text/html"
	}
	fault := map[string]any{"message": f.Message}
	if f.Message == "" {
		fault["message"] = statusText(f.Status)
	}
	switch {
	case len(f.Code) == 0:
		fault["code"] = f.defaultCode()
	case string(f.Code) != "null":
		fault["code"] = f.Code
	}
	envelope := map[string]any{"success": false, "errors": []any{fault}, "messages": []any{}, "result": nil}
	if f.NullLists {
		envelope["errors"], envelope["messages"] = nil, nil
	}
	body, err := json.Marshal(envelope)
	if err != nil {
		panic(err) // a code that is no JSON cannot be decoded into the field
	}
	return append(body, '\n'), "application/json"
}

// defaultCode is what the API's own gateway writes.
func (f Fault) defaultCode() int {
	if f.Status == http.StatusTooManyRequests {
		return codeTooManyRequests
	}
	return 10001 // "Service temporarily unavailable" and its like
}

// statusText names a status, Cloudflare's own included.
func statusText(status int) string {
	switch status {
	case 520:
		return "Web server is returning an unknown error"
	case 521:
		return "Web server is down"
	case 522:
		return "Connection timed out"
	case 523:
		return "Origin is unreachable"
	case 524:
		return "A timeout occurred"
	case 525:
		return "SSL handshake failed"
	case 526:
		return "Invalid SSL certificate"
	case 530:
		return "Origin DNS error"
	default:
		return http.StatusText(status)
	}
}
