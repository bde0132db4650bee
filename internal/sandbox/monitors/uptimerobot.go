package monitors

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// robotMonitors is how many monitors an account has.
const robotMonitors = 50

// uptimeRobot is an account of UptimeRobot.
type uptimeRobot struct {
	next     int64
	monitors []map[string]any
}

// serveUptimeRobot answers below /v3.
func (s *Server) serveUptimeRobot(w http.ResponseWriter, r *http.Request, path string) answer {
	if s.options.UptimeRobotKey == "" || bearer(r) != s.options.UptimeRobotKey {
		return refuse(401, "Unauthorized")
	}
	if !s.take(w) {
		return answer{429, map[string]any{"statusCode": 429, "message": "ThrottlerException: Too Many Requests"}}
	}
	u := &s.robot
	rest, isOne := strings.CutPrefix(path, "/monitors/")
	id, verb, _ := strings.Cut(rest, "/")
	switch {
	case path == "/user/me" && r.Method == http.MethodGet:
		return answer{200, map[string]any{
			"email": "owner@agency.example", "fullName": "Owner", "monitorsCount": len(u.monitors), "monitorLimit": robotMonitors, "smsCredits": 0,
			"activeSubscription": map[string]any{"plan": s.options.UptimeRobotPlan, "monitorLimit": robotMonitors, "expirationDate": nil, "status": nil},
		}}
	case path == "/user/alert-contacts" && r.Method == http.MethodGet:
		return answer{200, s.contacts()}
	case path == "/monitors" && r.Method == http.MethodGet:
		return s.robotList(r)
	case path == "/monitors" && r.Method == http.MethodPost:
		return s.robotCreate(r)
	case !isOne:
		return refuse(404, "Cannot "+r.Method+" /v3"+path)
	}
	if _, err := strconv.ParseInt(id, 10, 64); err != nil {
		return refuse(400, "Validation failed (numeric string is expected)")
	}
	i := slices.IndexFunc(u.monitors, func(m map[string]any) bool { return fmt.Sprint(m["id"]) == id })
	if i < 0 {
		return refuse(404, "Monitor not found")
	}
	switch m := u.monitors[i]; {
	case r.Method == http.MethodGet && verb == "":
		return answer{200, shown(m)}
	case r.Method == http.MethodPatch && verb == "":
		return s.robotUpdate(r, m)
	case r.Method == http.MethodDelete && verb == "":
		u.monitors = slices.Delete(u.monitors, i, i+1)
		return answer{204, nil}
	case r.Method == http.MethodPost && (verb == "pause" || verb == "start"):
		m["status"] = map[string]string{"pause": "PAUSED", "start": "UP"}[verb]
		return answer{201, shown(m)}
	}
	return refuse(404, "Cannot "+r.Method+" /v3"+path)
}

func refuse(status int, messages ...string) answer {
	var message any = messages
	if len(messages) == 1 && status != 400 {
		message = messages[0]
	}
	return answer{status, map[string]any{"statusCode": status, "message": message, "error": http.StatusText(status)}}
}

// take counts a call against the limit and says what is left.
func (s *Server) take(w http.ResponseWriter) bool {
	now := time.Now()
	if !now.Before(s.window) {
		s.window, s.used = now.Add(s.options.UptimeRobotWindow), 0
	}
	s.used++
	h := w.Header()
	h.Set("X-RateLimit-Limit", strconv.Itoa(s.options.UptimeRobotCalls))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, s.options.UptimeRobotCalls-s.used)))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(s.window.Unix(), 10))
	if s.used <= s.options.UptimeRobotCalls {
		return true
	}
	h.Set("Retry-After", strconv.Itoa(int((s.window.Sub(now)+time.Second-1)/time.Second)))
	return false
}

func (s *Server) contacts() []any {
	list := []any{}
	for i, address := range s.options.Contacts {
		list = append(list, map[string]any{
			"id": 2001 + i, "friendlyName": address, "type": "Email", "value": address, "customValue": nil, "enableNotificationsFor": "UpAndDown",
			"sslExpirationReminder": true, "mobileProviderId": nil, "status": "Active", "orgAlertContactId": nil, "config": nil,
		})
	}
	return list
}

// robotList is a page, with the cursor of the next in a link.
func (s *Server) robotList(r *http.Request) answer {
	all := s.robot.monitors
	from := 0
	if cursor := r.URL.Query().Get("cursor"); cursor != "" {
		from = slices.IndexFunc(all, func(m map[string]any) bool { return fmt.Sprint(m["id"]) == cursor }) + 1
	}
	until := min(from+s.options.Page, len(all))
	data := []any{}
	for _, m := range all[from:until] {
		data = append(data, shown(m))
	}
	var next any
	if until < len(all) {
		next = fmt.Sprintf("https://api.uptimerobot.com/v3/monitors?cursor=%v", all[until-1]["id"])
	}
	return answer{200, map[string]any{"data": data, "nextLink": next}}
}

// shown is a monitor as it is answered: what people wrote is escaped, and what
// was sent as regionData comes back under another name.
func shown(m map[string]any) map[string]any {
	out := maps.Clone(m)
	for _, name := range []string{"friendlyName", "url", "keywordValue"} {
		out[name] = html.EscapeString(fmt.Sprint(m[name]))
	}
	delete(out, "regionData")
	return out
}

func (s *Server) robotCreate(r *http.Request) answer {
	in, ok := receive(r)
	if !ok {
		return refuse(400, "Unexpected token in JSON")
	}
	if len(s.robot.monitors) >= robotMonitors {
		return refuse(403, "You have reached your monitor limit.")
	}
	m := map[string]any{
		"friendlyName": "", "url": "", "type": "", "interval": 300, "timeout": 30, "httpMethodType": "HEAD", "successHttpResponseCodes": []any{"2xx", "3xx"},
		"customHttpHeaders": map[string]any{}, "checkSSLErrors": false, "sslExpirationReminder": false, "domainExpirationReminder": false,
		"followRedirections": true, "assignedAlertContacts": []any{}, "keywordType": nil, "keywordCaseType": 0, "keywordValue": "",
		"regionalData": map[string]any{"REGION": []any{"na"}, "MANUAL_SELECTED": false}, "config": map[string]any{}, "status": "UP",
		"authType": "NONE", "httpUsername": "", "port": nil, "gracePeriod": 0, "maintenanceWindows": []any{}, "tags": []any{}, "groupId": 0,
		"createDateTime": time.Now().UTC().Format(time.RFC3339), "currentStateDuration": 0, "lastIncident": nil, "userId": 1,
	}
	if wrong := s.robotApply(m, in); len(wrong) > 0 {
		return refuse(400, wrong...)
	}
	s.robot.next++
	m["id"] = s.robot.next
	s.robot.monitors = append(s.robot.monitors, m)
	return answer{201, shown(m)}
}

func (s *Server) robotUpdate(r *http.Request, m map[string]any) answer {
	in, ok := receive(r)
	if !ok {
		return refuse(400, "Unexpected token in JSON")
	}
	after := maps.Clone(m)
	if wrong := s.robotApply(after, in); len(wrong) > 0 {
		return refuse(400, wrong...)
	}
	maps.Copy(m, after)
	return answer{200, shown(m)}
}

// robotApply sets what is sent and returns what is wrong.
func (s *Server) robotApply(m map[string]any, in map[string]json.RawMessage) []string {
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(in)) {
		var value any
		_ = json.Unmarshal(in[name], &value) // it is JSON
		switch name {
		case "customHttpHeaders":
			headers := map[string]any{}
			given, _ := value.(map[string]any)
			for header, text := range given {
				headers[strings.ToLower(header)] = text
			}
			m[name] = headers
		case "regionData":
			given, _ := value.(map[string]any)
			m["regionalData"] = map[string]any{"REGION": given["REGION"], "MANUAL_SELECTED": given["MANUAL_SELECTED"] == true}
		case "assignedAlertContacts":
			wrong = append(wrong, s.assign(m, value)...)
		default:
			if _, known := m[name]; !known || name == "id" || name == "status" {
				wrong = append(wrong, "property "+name+" should not exist")
				continue
			}
			m[name] = value
		}
	}
	return append(wrong, s.robotCheck(m)...)
}

// assign notes who is alerted. The ids come as text and go as numbers.
func (s *Server) assign(m map[string]any, value any) (wrong []string) {
	out := []any{}
	list, _ := value.([]any)
	for i, one := range list {
		given, _ := one.(map[string]any)
		id, err := strconv.Atoi(fmt.Sprint(given["alertContactId"]))
		if err != nil || id < 2001 || id >= 2001+len(s.options.Contacts) {
			wrong = append(wrong, fmt.Sprintf("assignedAlertContacts.%d.alertContactId does not exist", i))
			continue
		}
		out = append(out, map[string]any{"alertContactId": id, "threshold": given["threshold"], "recurrence": given["recurrence"]})
	}
	m["assignedAlertContacts"] = out
	return wrong
}

func (s *Server) robotCheck(m map[string]any) (wrong []string) {
	number := func(name string) int { n, _ := m[name].(float64); return int(n) }
	if name, _ := m["friendlyName"].(string); name == "" || len(name) > 250 {
		wrong = append(wrong, "friendlyName must be longer than or equal to 1 and shorter than or equal to 250 characters")
	}
	if u, err := url.Parse(fmt.Sprint(m["url"])); err != nil || u.Host == "" {
		wrong = append(wrong, "url must be a URL address")
	}
	if t := m["type"]; t != "HTTP" && t != "KEYWORD" {
		wrong = append(wrong, "type must be one of the following values: HTTP, KEYWORD")
	}
	if text, _ := m["keywordValue"].(string); m["type"] == "KEYWORD" && (text == "" || m["keywordType"] == nil) {
		wrong = append(wrong, "keywordValue should not be empty")
	}
	if m["type"] == "HTTP" {
		m["keywordType"], m["keywordValue"] = nil, ""
	}
	least := 60
	if s.options.UptimeRobotPlan == "free" {
		least = 300
	}
	if n := number("interval"); n != 0 && n < least {
		wrong = append(wrong, fmt.Sprintf("interval must not be less than %d", least))
	}
	if n := number("timeout"); n > 60 {
		wrong = append(wrong, "timeout must not be greater than 60")
	}
	return wrong
}
