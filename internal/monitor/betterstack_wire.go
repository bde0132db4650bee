package monitor

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// betterStackMonitor is a monitor as the API has it. Times are in seconds for
// HTTP monitors. Pointers are what is sent as null, or is null.
type betterStackMonitor struct {
	URL           string              `json:"url"`
	Name          string              `json:"pronounceable_name"`
	Type          string              `json:"monitor_type"`
	Interval      int                 `json:"check_frequency"`
	Timeout       int                 `json:"request_timeout"`
	Method        string              `json:"http_method"`
	Codes         []int               `json:"expected_status_codes"`
	Keyword       *string             `json:"required_keyword"`
	SSLExpiration *int                `json:"ssl_expiration"`
	Regions       []string            `json:"regions,omitempty"`
	Headers       []betterStackHeader `json:"request_headers"`
	Follow        *bool               `json:"follow_redirects"`
	VerifySSL     *bool               `json:"verify_ssl"`
	Policy        *looseText          `json:"policy_id"`
	Email         *bool               `json:"email,omitempty"`
	Push          *bool               `json:"push,omitempty"`

	// Written only.
	Paused *bool `json:"paused,omitempty"`
	// Read only.
	Status      string     `json:"status,omitempty"`
	PausedAt    *time.Time `json:"paused_at,omitempty"`
	LastChecked *time.Time `json:"last_checked_at,omitempty"`
}

// betterStackHeader is a header; one that is there is changed by its id.
type betterStackHeader struct {
	ID      looseText `json:"id,omitempty"`
	Name    string    `json:"name,omitempty"`
	Value   string    `json:"value,omitempty"`
	Destroy bool      `json:"_destroy,omitempty"`
}

// looseText is an id that is a string or a number.
type looseText string

// UnmarshalJSON takes either.
func (t *looseText) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = looseText(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*t = looseText(n.String())
	return nil
}

type betterStackItem struct {
	ID         looseText          `json:"id"`
	Attributes betterStackMonitor `json:"attributes"`
}

type betterStackOne struct {
	Data betterStackItem `json:"data"`
}

// explainBetterStack reads {"errors": ...}: a text, a list, or texts by field.
func explainBetterStack(body []byte) (message, field string) {
	var answer struct {
		Errors json.RawMessage `json:"errors"`
		Error  string          `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return "", ""
	}
	var text string
	var list []string
	fields := map[string][]string{}
	switch {
	case json.Unmarshal(answer.Errors, &text) == nil && text != "":
		return text, ""
	case json.Unmarshal(answer.Errors, &list) == nil && len(list) > 0:
		return strings.Join(list, "; "), ""
	case json.Unmarshal(answer.Errors, &fields) == nil:
		var all []string
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			all = append(all, name+" "+strings.Join(fields[name], ", "))
			field = cmp.Or(field, name)
		}
		return strings.Join(all, "; "), field
	}
	return answer.Error, ""
}

// wire brings a monitor into the API's form. headers are those that are there.
func (b *betterStack) wire(m Monitor, headers []betterStackHeader) (betterStackMonitor, error) {
	w := betterStackMonitor{
		URL: m.URL, Name: m.Name, Type: "status", Interval: int(m.Interval / time.Second), Timeout: int(m.Timeout / time.Second),
		Method: strings.ToLower(m.Method), Regions: m.Regions, Headers: []betterStackHeader{}, Follow: new(m.FollowRedirects),
		VerifySSL: new(!m.IgnoreTLS), Paused: new(m.Paused), Codes: []int{},
	}
	switch {
	case m.Body != "":
		w.Type, w.Keyword = "keyword", new(m.Body)
	case len(m.Status) > 0 && !slices.Equal(m.Status, []string{"2xx"}):
		w.Type = "expected_status_code"
		for _, s := range m.Status {
			code, err := strconv.Atoi(s)
			if err != nil {
				return w, &Error{Backend: BetterStackName, Operation: "describe monitor " + m.Name, Field: "expect.status", Message: fmt.Sprintf("the class %s cannot be expected; list the codes", s)}
			}
			w.Codes = append(w.Codes, code)
		}
	}
	if m.CertificateDays > 0 {
		w.SSLExpiration = new(m.CertificateDays)
	}
	if len(m.Contacts) == 1 {
		w.Policy = new(looseText(m.Contacts[0]))
	} else {
		w.Email, w.Push = new(true), new(true) // whoever is on call
	}
	there := map[string]bool{}
	for _, h := range headers {
		name := http.CanonicalHeaderKey(h.Name)
		value, wanted := m.Headers[name]
		switch {
		case !wanted || there[name]:
			w.Headers = append(w.Headers, betterStackHeader{ID: h.ID, Destroy: true})
		case value != h.Value:
			w.Headers = append(w.Headers, betterStackHeader{ID: h.ID, Name: h.Name, Value: value})
			there[name] = true
		default:
			there[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		if !there[name] {
			w.Headers = append(w.Headers, betterStackHeader{Name: name, Value: m.Headers[name]})
		}
	}
	return w, nil
}

// seen brings the API's form into ours.
func (item betterStackItem) seen() Seen {
	w := item.Attributes
	s := Seen{State: betterStackState(w.Status)}
	s.ID, s.Name, s.URL, s.Method = string(item.ID), w.Name, w.URL, strings.ToUpper(w.Method)
	s.Interval, s.Timeout = time.Duration(w.Interval)*time.Second, time.Duration(w.Timeout)*time.Second
	s.Regions = slices.Sorted(slices.Values(w.Regions))
	s.FollowRedirects, s.IgnoreTLS = w.Follow == nil || *w.Follow, w.VerifySSL != nil && !*w.VerifySSL
	s.Paused = w.PausedAt != nil || w.Status == "paused"
	if w.SSLExpiration != nil {
		s.CertificateDays = *w.SSLExpiration
	}
	if w.LastChecked != nil {
		s.LastChecked = *w.LastChecked
	}
	for _, h := range w.Headers {
		if s.Headers == nil {
			s.Headers = map[string]string{}
		}
		s.Headers[http.CanonicalHeaderKey(h.Name)] = h.Value
	}
	switch {
	case w.Policy != nil && *w.Policy != "":
		s.Contacts = []string{string(*w.Policy)}
	default:
		s.Team = w.Email == nil || *w.Email || w.Push != nil && *w.Push
	}
	switch w.Type {
	case "status":
		s.Status = []string{"2xx"}
	case "expected_status_code":
		for _, code := range w.Codes {
			s.Status = append(s.Status, strconv.Itoa(code))
		}
	case "keyword":
		if w.Keyword != nil {
			s.Body = *w.Keyword
		}
	default:
		s.Kind = w.Type
	}
	return s
}

func betterStackState(status string) State {
	switch status {
	case "up":
		return Up
	case "down":
		return Down
	case "paused", "maintenance":
		return Paused
	case "pending", "validating", "":
		return Pending
	}
	return State(status)
}
