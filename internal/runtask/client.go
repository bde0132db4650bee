package runtask

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/planfile"
)

const mediaType = "application/vnd.api+json"

// attempts is how often a request is sent until one is answered.
const attempts = 5

// passing is a refusal that may be another answer a moment later.
type passing struct{ error }

// plan fetches the plan of a run. A plan is handed out by a redirect to a store of
// its own, which is not shown the token.
func (s *Server) plan(ctx context.Context, r request) (planfile.Plan, error) {
	var p planfile.Plan
	err := s.persist(ctx, func() error {
		body, err := s.fetch(ctx, r)
		if err != nil {
			return err
		}
		defer body.Close()
		limited := &io.LimitedReader{R: body, N: s.options.PlanLimit + 1}
		p, err = planfile.Read(limited)
		if limited.N <= 0 {
			return fmt.Errorf("the plan is longer than %d bytes", s.options.PlanLimit)
		}
		return err
	})
	return p, err
}

func (s *Server) fetch(ctx context.Context, r request) (io.ReadCloser, error) {
	at, token := r.PlanURL, r.AccessToken
	hosts := append(append([]string{}, s.options.Hosts...), s.options.StoreHosts...)
	for range 4 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
		if err != nil {
			return nil, errors.New("the address of the plan is not one")
		}
		req.Header.Set("User-Agent", userAgent)
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := s.client.Do(req)
		if err != nil {
			return nil, passing{anonymous(err)}
		}
		if resp.StatusCode == http.StatusOK {
			return resp.Body, nil
		}
		next, err := resp.Location()
		drain(resp)
		if redirects := resp.StatusCode >= 300 && resp.StatusCode < 400; !redirects {
			return nil, refused("plan", resp.StatusCode)
		}
		if err != nil {
			return nil, errors.New("a redirect without an address")
		}
		if err := allowed(next.String(), hosts, nil); err != nil {
			return nil, fmt.Errorf("redirect: %w", err)
		}
		if next.Host != req.URL.Host {
			token = ""
		}
		at = next.String()
	}
	return nil, errors.New("too many redirects")
}

// answer sends a verdict to the callback.
func (s *Server) answer(ctx context.Context, r request, v Verdict) error {
	payload, err := encode(r, v)
	if err != nil {
		return err
	}
	return s.persist(ctx, func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPatch, r.CallbackURL, bytes.NewReader(payload))
		if err != nil {
			return errors.New("the address of the callback is not one")
		}
		req.Header.Set("Authorization", "Bearer "+r.AccessToken)
		req.Header.Set("Content-Type", mediaType)
		req.Header.Set("User-Agent", userAgent)
		resp, err := s.client.Do(req)
		if err != nil {
			return passing{anonymous(err)}
		}
		drain(resp)
		if resp.StatusCode/100 != 2 {
			return refused("callback", resp.StatusCode)
		}
		return nil
	})
}

// refused is the error for a status. The plan is not there yet with 204.
func refused(what string, status int) error {
	err := fmt.Errorf("%s: HTTP status %d", what, status)
	if status == http.StatusNoContent || status == http.StatusTooManyRequests || status >= 500 {
		return passing{err}
	}
	return err
}

// persist repeats what may succeed a moment later, each time after twice the pause.
func (s *Server) persist(ctx context.Context, try func() error) error {
	pause := s.options.Pause
	for n := 1; ; n++ {
		err := try()
		var later passing
		if err == nil || !errors.As(err, &later) || n == attempts {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		pause *= 2
	}
}

// anonymous takes the address out of an error: that of a store is signed.
func anonymous(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func drain(resp *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection is used again
	_ = resp.Body.Close()
}

// encode makes the documented callback. Outcomes go only to who takes them.
func encode(r request, v Verdict) ([]byte, error) {
	type attributes struct {
		Status  string `json:"status"`
		Message string `json:"message"`
		URL     string `json:"url,omitempty"`
	}
	type outcomeAttributes struct {
		ID          string           `json:"outcome-id"`
		Description string           `json:"description"`
		Body        string           `json:"body,omitempty"`
		Tags        map[string][]Tag `json:"tags"`
	}
	type outcome struct {
		Type       string            `json:"type"`
		Attributes outcomeAttributes `json:"attributes"`
	}
	type relation struct {
		Data []outcome `json:"data"`
	}
	type data struct {
		Type          string              `json:"type"`
		Attributes    attributes          `json:"attributes"`
		Relationships map[string]relation `json:"relationships,omitempty"`
	}
	d := data{Type: "task-results", Attributes: attributes{Status: "failed", Message: cut(v.Message, 1000)}}
	if v.Passed {
		d.Attributes.Status = "passed"
	}
	if r.Capabilities.Outcomes && len(v.Outcomes) > 0 {
		var all []outcome
		for _, o := range v.Outcomes {
			all = append(all, outcome{"task-result-outcomes", outcomeAttributes{
				ID: o.ID, Description: o.Description, Body: o.Body,
				Tags: map[string][]Tag{"Status": {o.Status}, "Severity": {o.Severity}},
			}})
		}
		d.Relationships = map[string]relation{"outcomes": {all}}
	}
	return json.Marshal(map[string]data{"data": d})
}
