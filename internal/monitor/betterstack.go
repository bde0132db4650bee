package monitor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// BetterStackName is the word for Better Stack in configuration.
const BetterStackName = "betterstack"

// betterStackURL is where its API lives (https://betterstack.com/docs/uptime/api/monitors/).
const betterStackURL = "https://uptime.betterstack.com/api/v2"

// betterStack is Better Stack Uptime, by version 2 of its API.
type betterStack struct{ rest rest }

// NewBetterStack returns Better Stack. It does no I/O.
func NewBetterStack(a Access) Backend {
	r := newRest(BetterStackName, betterStackURL, a)
	r.explain = explainBetterStack
	r.fields = map[string]string{
		"url": "url", "pronounceable_name": "name", "check_frequency": "interval", "request_timeout": "timeout", "http_method": "method",
		"expected_status_codes": "expect.status", "required_keyword": "expect.body", "ssl_expiration": "expect.certificate_days",
		"regions": "regions", "request_headers": "headers", "policy_id": "contacts", "policy": "contacts",
	}
	return &betterStack{r}
}

func (b *betterStack) Name() string { return BetterStackName }

// Limits are those of the documentation; the API does not tell the plan, which
// may allow less.
func (b *betterStack) Limits(context.Context) (Limits, error) {
	return Limits{
		Intervals: spansOf(time.Second, 30, 45, 60, 120, 180, 300, 600, 900, 1800),
		Timeouts:  spansOf(time.Second, 2, 3, 5, 10, 15, 30, 45, 60),
		Methods:   []string{"GET", "HEAD", "POST", "PUT", "PATCH"},
		Regions:   []string{"us", "eu", "as", "au"}, BodyOrStatus: true,
		Certificates: true, CertificateDays: []int{1, 2, 3, 7, 14, 30, 60}, Contacts: 1,
	}, nil
}

func spansOf(unit time.Duration, counts ...int) []time.Duration {
	out := make([]time.Duration, len(counts))
	for i, n := range counts {
		out[i] = time.Duration(n) * unit
	}
	return out
}

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
		for _, name := range slices.Sorted(mapsKeys(fields)) {
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
	for _, name := range slices.Sorted(mapsKeys(m.Headers)) {
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

func (b *betterStack) Create(ctx context.Context, m Monitor) (Seen, error) {
	w, err := b.wire(m, nil)
	if err != nil {
		return Seen{}, err
	}
	var out betterStackOne
	if err := b.rest.call(ctx, "create monitor "+m.Name, http.MethodPost, "/monitors", w, &out); err != nil {
		return Seen{}, err
	}
	return out.Data.seen(), nil
}

func (b *betterStack) read(ctx context.Context, id string) (betterStackItem, error) {
	var out betterStackOne
	err := b.rest.call(ctx, "read monitor "+id, http.MethodGet, "/monitors/"+url.PathEscape(id), nil, &out)
	return out.Data, err
}

func (b *betterStack) Read(ctx context.Context, id string) (Seen, error) {
	item, err := b.read(ctx, id)
	return item.seen(), err
}

func (b *betterStack) Update(ctx context.Context, m Monitor) (Seen, error) {
	now, err := b.read(ctx, m.ID) // its headers have ids
	if err != nil {
		return Seen{}, err
	}
	w, err := b.wire(m, now.Attributes.Headers)
	if err != nil {
		return Seen{}, err
	}
	var out betterStackOne
	if err := b.rest.call(ctx, "update monitor "+m.Name, http.MethodPatch, "/monitors/"+url.PathEscape(m.ID), w, &out); err != nil {
		return Seen{}, err
	}
	return out.Data.seen(), nil
}

func (b *betterStack) Delete(ctx context.Context, id string) error {
	err := b.rest.call(ctx, "delete monitor "+id, http.MethodDelete, "/monitors/"+url.PathEscape(id), nil, nil)
	if IsNotFound(err) {
		return nil
	}
	return err
}

// List follows the pages by their number: a link could lead the token elsewhere
// (https://betterstack.com/docs/uptime/api/pagination/).
func (b *betterStack) List(ctx context.Context) ([]Seen, error) {
	var all []Seen
	for page := 1; page <= maxPages; page++ {
		var out struct {
			Data       []betterStackItem `json:"data"`
			Pagination struct {
				Next *string `json:"next"`
			} `json:"pagination"`
		}
		if err := b.rest.call(ctx, "list monitors", http.MethodGet, fmt.Sprintf("/monitors?per_page=250&page=%d", page), nil, &out); err != nil {
			return nil, err
		}
		for _, item := range out.Data {
			all = append(all, item.seen())
		}
		if out.Pagination.Next == nil || len(out.Data) == 0 {
			return sortSeen(all), nil
		}
	}
	return nil, tooManyPages(BetterStackName)
}
