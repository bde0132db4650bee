package monitor

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
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
