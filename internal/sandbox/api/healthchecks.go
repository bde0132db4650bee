package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// healthCheck is a health check as the API shows it
// (https://developers.cloudflare.com/api/resources/healthchecks/).
type healthCheck struct {
	ID            string      `json:"id"`
	Name          string      `json:"name"`
	Description   string      `json:"description"`
	Address       string      `json:"address"`
	Type          string      `json:"type"`
	Regions       []string    `json:"check_regions"`
	Interval      int         `json:"interval"`
	Timeout       int         `json:"timeout"`
	Retries       int         `json:"retries"`
	Fails         int         `json:"consecutive_fails"`
	Successes     int         `json:"consecutive_successes"`
	Suspended     bool        `json:"suspended"`
	HTTP          *healthHTTP `json:"http_config"`
	TCP           *healthTCP  `json:"tcp_config"`
	Status        string      `json:"status"`
	FailureReason string      `json:"failure_reason"`
	CreatedOn     time.Time   `json:"created_on"`
	ModifiedOn    time.Time   `json:"modified_on"`
}

type healthHTTP struct {
	Method   string              `json:"method"`
	Path     string              `json:"path"`
	Port     int                 `json:"port"`
	Codes    []string            `json:"expected_codes"`
	Body     string              `json:"expected_body"`
	Header   map[string][]string `json:"header"`
	Follow   bool                `json:"follow_redirects"`
	Insecure bool                `json:"allow_insecure"`
}

type healthTCP struct {
	Method string `json:"method"`
	Port   int    `json:"port"`
}

// healthLimits are what a plan allows: how many checks, and how often each is
// made (https://developers.cloudflare.com/health-checks/#availability).
func healthLimits(plan string) (checks, interval int) {
	switch plan {
	case "free":
		return 0, 0
	case "pro":
		return 10, 60
	case "business":
		return 50, 15
	}
	return 1000, 10
}

func blankHealthCheck() healthCheck {
	return healthCheck{Type: "HTTP", Interval: 60, Timeout: 5, Retries: 2, Fails: 1, Successes: 1}
}

func listHealthChecks(c *call) (*envelope, *Error) {
	p, err := readPaging(c, 25, 5, 1000)
	if err != nil {
		return nil, err
	}
	if p.perPage%5 != 0 {
		return nil, badRequest(codeHealth, "per_page must be a multiple of 5")
	}
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	return pageOf(slices.Clone(c.server.health[c.zone]), p), nil
}

func createHealthCheck(c *call) (*envelope, *Error) {
	h := blankHealthCheck()
	if err := c.readHealthCheck(&h); err != nil {
		return nil, err
	}
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if most, _ := healthLimits(c.zone.Plan); len(s.health[c.zone]) >= most {
		if most == 0 {
			return nil, &Error{Status: http.StatusForbidden, Code: codeHealthPlan, Message: "not entitled: health checks are not available on your plan"}
		}
		return nil, badRequest(codeHealthPlan, fmt.Sprintf("health check quota exceeded: your plan allows %d", most))
	}
	h.ID, h.CreatedOn, h.ModifiedOn = NewID(), s.now(), s.now()
	s.health[c.zone] = append(s.health[c.zone], h)
	return success(h), nil
}

// healthAt finds the check of a path; the lock is held.
func (c *call) healthAt() (int, *Error) {
	i := slices.IndexFunc(c.server.health[c.zone], func(h healthCheck) bool { return h.ID == c.params["healthcheck_id"] })
	if i < 0 {
		return 0, &Error{Status: http.StatusNotFound, Code: codeHealthMissing, Message: "health check not found"}
	}
	return i, nil
}

func getHealthCheck(c *call) (*envelope, *Error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	i, err := c.healthAt()
	if err != nil {
		return nil, err
	}
	return success(c.server.health[c.zone][i]), nil
}

func deleteHealthCheck(c *call) (*envelope, *Error) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := c.healthAt()
	if err != nil {
		return nil, err
	}
	id := s.health[c.zone][i].ID
	s.health[c.zone] = slices.Delete(slices.Clone(s.health[c.zone]), i, i+1)
	return success(map[string]string{"id": id}), nil
}

// putHealthCheck replaces a check: what is not sent goes back to its default.
func putHealthCheck(c *call) (*envelope, *Error) { return writeHealthCheck(c, true) }

func patchHealthCheck(c *call) (*envelope, *Error) { return writeHealthCheck(c, false) }

func writeHealthCheck(c *call, reset bool) (*envelope, *Error) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := c.healthAt()
	if err != nil {
		return nil, err
	}
	before := s.health[c.zone][i]
	h := blankHealthCheck()
	if !reset {
		h = before
		if before.HTTP != nil {
			h.HTTP = new(*before.HTTP)
		}
	}
	if err := c.readHealthCheck(&h); err != nil {
		return nil, err
	}
	h.ID, h.CreatedOn, h.ModifiedOn = before.ID, before.CreatedOn, s.now()
	s.health[c.zone] = slices.Clone(s.health[c.zone])
	s.health[c.zone][i] = h
	return success(h), nil
}

// readHealthCheck reads the body over what is there and judges it.
func (c *call) readHealthCheck(h *healthCheck) *Error {
	var raw json.RawMessage
	if err := c.body(&raw); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, h); err != nil {
		return badRequest(codeHealth, "validation failed: "+err.Error())
	}
	switch h.Type {
	case "HTTP", "HTTPS":
		h.TCP = nil
		if h.HTTP == nil {
			h.HTTP = &healthHTTP{}
		}
		h.HTTP.complete(h.Type)
	case "TCP":
		h.HTTP = nil
		if h.TCP == nil {
			h.TCP = &healthTCP{}
		}
		if h.TCP.Method == "" {
			h.TCP.Method = "connection_established"
		}
		if h.TCP.Port == 0 {
			h.TCP.Port = 80
		}
	}
	h.FailureReason, h.Status = "", "healthy"
	if h.Suspended {
		h.Status = "suspended"
	}
	if problem := h.problem(c.zone.Plan); problem != "" {
		return badRequest(codeHealth, problem+": validation failed")
	}
	return nil
}

func (p *healthHTTP) complete(typ string) {
	if p.Method == "" {
		p.Method = "GET"
	}
	if p.Path == "" {
		p.Path = "/"
	}
	if p.Port == 0 {
		p.Port = map[string]int{"HTTP": 80, "HTTPS": 443}[typ]
	}
	if p.Codes == nil {
		p.Codes = []string{"200"}
	}
}

// healthRegions are those that there are; ALL_REGIONS is of the larger plans.
func healthRegions() []string {
	return []string{"WNAM", "ENAM", "WEU", "EEU", "NSAM", "SSAM", "OC", "ME", "NAF", "SAF", "IN", "SEAS", "NEAS", "ALL_REGIONS"}
}

func (h healthCheck) problem(plan string) string {
	const name = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	_, least := healthLimits(plan)
	switch {
	case h.Name == "" || strings.Trim(h.Name, name) != "":
		return "name must be alphanumeric with hyphens and underscores"
	case h.Address == "" || strings.ContainsAny(h.Address, "/ "):
		return "address is not a hostname or an IP address"
	case !slices.Contains([]string{"HTTP", "HTTPS", "TCP"}, h.Type):
		return "type must be one of HTTP, HTTPS, TCP"
	case h.Interval < least || h.Interval > 3600:
		return fmt.Sprintf("interval is not in range [%d, 3600]", least)
	case h.Timeout < 1 || h.Timeout > 10:
		return "timeout is not in range [1, 10]"
	}
	for _, r := range h.Regions {
		if !slices.Contains(healthRegions(), r) || r == "ALL_REGIONS" && plan == "pro" {
			return "check_regions: " + r + " is not available"
		}
	}
	if h.HTTP == nil {
		return ""
	}
	if !slices.Contains([]string{"GET", "HEAD"}, h.HTTP.Method) {
		return "http_config.method must be GET or HEAD"
	}
	for _, code := range h.HTTP.Codes {
		if len(code) != 3 || code[0] < '1' || code[0] > '5' || code[1:] != "xx" && strings.Trim(code, "0123456789") != "" {
			return "http_config.expected_codes: invalid code " + code
		}
	}
	for header := range h.HTTP.Header {
		if strings.EqualFold(header, "User-Agent") {
			return "http_config.header: User-Agent cannot be overridden"
		}
	}
	return ""
}
