package monitors

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// betterStack is an account of Better Stack.
type betterStack struct {
	next     int
	monitors []*betterMonitor // in the order in which they were made
}

type betterMonitor struct {
	id         int
	attributes map[string]any // as they are shown
}

// serveBetterStack answers below /api/v2.
func (s *Server) serveBetterStack(_ http.ResponseWriter, r *http.Request, path string) answer {
	if s.options.BetterStackToken == "" || bearer(r) != s.options.BetterStackToken {
		return answer{401, map[string]any{"errors": "Invalid Team API token. How to find your Team API token: https://betterstack.com/docs/uptime/api/getting-started-with-uptime-api/#get-an-uptime-api-token"}}
	}
	b := &s.better
	id, isOne := strings.CutPrefix(path, "/monitors/")
	switch {
	case path == "/monitors" && r.Method == http.MethodGet:
		return b.list(r)
	case path == "/monitors" && r.Method == http.MethodPost:
		return b.create(r)
	case !isOne:
		return answer{404, map[string]any{"errors": "Not found"}}
	}
	i := slices.IndexFunc(b.monitors, func(m *betterMonitor) bool { return strconv.Itoa(m.id) == id })
	if i < 0 {
		return answer{404, map[string]any{"errors": "Resource with provided ID was not found"}}
	}
	switch r.Method {
	case http.MethodGet:
		return answer{200, map[string]any{"data": b.monitors[i].view()}}
	case http.MethodPatch:
		return b.update(r, b.monitors[i])
	case http.MethodDelete:
		b.monitors = slices.Delete(b.monitors, i, i+1)
		return answer{204, nil}
	}
	return answer{405, map[string]any{"errors": "Method not allowed"}}
}

func (m *betterMonitor) view() map[string]any {
	shown := maps.Clone(m.attributes)
	shown["last_checked_at"] = m.lastChecked(time.Now()).Format(betterTime)
	return map[string]any{"id": strconv.Itoa(m.id), "type": "monitor", "attributes": shown}
}

// betterTime is how the service writes a time.
const betterTime = "2006-01-02T15:04:05.000Z"

// lastChecked is when the monitor looked last: once each check_frequency seconds
// since it was made, unless it is paused.
func (m *betterMonitor) lastChecked(now time.Time) time.Time {
	created, err := time.Parse(betterTime, fmt.Sprint(m.attributes["created_at"]))
	if err != nil {
		return now.UTC()
	}
	if paused, err := time.Parse(betterTime, fmt.Sprint(m.attributes["paused_at"])); err == nil {
		now = paused
	}
	every, _ := m.attributes["check_frequency"].(int)
	return created.Add(now.Sub(created).Truncate(time.Duration(every) * time.Second)).UTC()
}

// list is a page of 50, or up to 250.
func (b *betterStack) list(r *http.Request) answer {
	number := func(name string, fallback int) int {
		if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil && n > 0 {
			return n
		}
		return fallback
	}
	page, per := number("page", 1), min(number("per_page", 50), 250)
	last := max(1, (len(b.monitors)+per-1)/per)
	link := func(n int) any {
		if n < 1 || n > last {
			return nil
		}
		return fmt.Sprintf("https://uptime.betterstack.com/api/v2/monitors?page=%d&per_page=%d", n, per)
	}
	from := min((page-1)*per, len(b.monitors))
	data := []any{}
	for _, m := range b.monitors[from:min(from+per, len(b.monitors))] {
		data = append(data, m.view())
	}
	pagination := map[string]any{"first": link(1), "last": link(last), "prev": link(page - 1), "next": link(page + 1)}
	return answer{200, map[string]any{"data": data, "pagination": pagination}}
}

func (b *betterStack) create(r *http.Request) answer {
	in, ok := receive(r)
	if !ok {
		return answer{400, map[string]any{"errors": "Malformed JSON"}}
	}
	now := time.Now().UTC().Format(betterTime)
	m := &betterMonitor{attributes: map[string]any{
		"url": "", "pronounceable_name": nil, "monitor_type": "status", "monitor_group_id": nil, "status": "up",
		"required_keyword": nil, "verify_ssl": true, "check_frequency": 180, "call": false, "sms": false, "email": true, "push": true,
		"team_wait": nil, "http_method": "get", "request_timeout": 30, "recovery_period": 180, "request_body": "", "paused_at": nil,
		"created_at": now, "updated_at": now, "ssl_expiration": nil, "domain_expiration": nil, "regions": []string{"us", "eu", "as", "au"},
		"port": nil, "confirmation_period": 0, "expected_status_codes": []int{}, "follow_redirects": true, "remember_cookies": true,
		"policy_id": nil, "maintenance_days": []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, "request_headers": []any{},
	}}
	if errs := m.apply(in); len(errs) > 0 {
		return answer{422, map[string]any{"errors": errs}}
	}
	b.next++
	m.id = b.next
	b.monitors = append(b.monitors, m)
	return answer{201, map[string]any{"data": m.view()}}
}

func (b *betterStack) update(r *http.Request, m *betterMonitor) answer {
	in, ok := receive(r)
	if !ok {
		return answer{400, map[string]any{"errors": "Malformed JSON"}}
	}
	after := &betterMonitor{id: m.id, attributes: map[string]any{}}
	for name, value := range m.attributes {
		after.attributes[name] = value
	}
	if errs := after.apply(in); len(errs) > 0 {
		return answer{422, map[string]any{"errors": errs}}
	}
	after.attributes["updated_at"] = time.Now().UTC().Format(betterTime)
	*m = *after
	return answer{200, map[string]any{"data": m.view()}}
}

// betterChoices are the values that some attributes can have.
func betterChoices() map[string][]int {
	return map[string][]int{
		"check_frequency": {30, 45, 60, 120, 180, 300, 600, 900, 1800},
		"request_timeout": {2, 3, 5, 10, 15, 30, 45, 60},
		"ssl_expiration":  {1, 2, 3, 7, 14, 30, 60},
	}
}

// apply sets what is sent, and returns what is wrong by attribute.
func (m *betterMonitor) apply(in map[string]json.RawMessage) map[string][]string {
	errs := map[string][]string{}
	wrong := func(name, text string) { errs[name] = append(errs[name], text) }
	a := m.attributes
	for name, raw := range in {
		var value any
		_ = json.Unmarshal(raw, &value) // it is JSON
		choices := betterChoices()[name]
		switch name {
		case "paused":
			switch on, _ := value.(bool); {
			case !on:
				a["paused_at"], a["status"] = nil, "up"
			case a["paused_at"] == nil:
				a["paused_at"], a["status"] = time.Now().UTC().Format(betterTime), "paused"
			}
		case "request_headers":
			m.headers(raw)
		case "http_method":
			method, _ := value.(string)
			a[name] = strings.ToLower(method)
		case "check_frequency", "request_timeout", "ssl_expiration":
			n, isNumber := value.(float64)
			if value == nil && name == "ssl_expiration" {
				a[name] = nil
			} else if !isNumber || !slices.Contains(choices, int(n)) {
				wrong(name, "is not included in the list")
			} else {
				a[name] = int(n)
			}
		case "regions":
			list, _ := value.([]any)
			for _, one := range list {
				if !slices.Contains([]any{"us", "eu", "as", "au"}, one) {
					wrong(name, "is invalid")
				}
			}
			a[name] = value
		case "policy_id":
			if value != nil && !slices.Contains([]string{"300010", "300011"}, fmt.Sprint(value)) {
				wrong("policy", "doesn't exist")
			}
			a[name] = value
		default:
			if _, known := a[name]; known { // others are ignored, as by Rails
				a[name] = value
			}
		}
	}
	if u, err := url.Parse(fmt.Sprint(a["url"])); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		wrong("url", "is invalid")
	}
	if keyword, _ := a["required_keyword"].(string); a["monitor_type"] == "keyword" && keyword == "" {
		wrong("required_keyword", "can't be blank")
	}
	if codes, _ := a["expected_status_codes"].([]any); a["monitor_type"] == "expected_status_code" && len(codes) == 0 {
		wrong("expected_status_codes", "can't be blank")
	}
	if name, _ := a["pronounceable_name"].(string); name == "" {
		u, _ := url.Parse(fmt.Sprint(a["url"]))
		if u != nil {
			a["pronounceable_name"] = cmp.Or(u.Hostname(), "monitor")
		}
	}
	return errs
}

// headers adds, changes and, with _destroy, removes headers, each by its id.
func (m *betterMonitor) headers(raw json.RawMessage) {
	var sent []struct {
		ID          any    `json:"id"`
		Name, Value string `json:",omitempty"`
		Destroy     any    `json:"_destroy"`
	}
	_ = json.Unmarshal(raw, &sent)
	old, _ := m.attributes["request_headers"].([]any)
	list := slices.Clone(old)
	for _, h := range sent {
		at := slices.IndexFunc(list, func(v any) bool {
			there, _ := v.(map[string]any)
			return h.ID != nil && fmt.Sprint(there["id"]) == fmt.Sprint(h.ID)
		})
		destroy := h.Destroy == true || h.Destroy == "true"
		switch {
		case at >= 0 && destroy:
			list = slices.Delete(list, at, at+1)
		case at >= 0:
			list[at] = map[string]any{"id": fmt.Sprint(h.ID), "name": h.Name, "value": h.Value}
		case !destroy && h.Name != "":
			list = append(list, map[string]any{"id": strconv.FormatInt(time.Now().UnixNano(), 10), "name": h.Name, "value": h.Value})
		}
	}
	m.attributes["request_headers"] = list
}
