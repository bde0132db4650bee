package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"time"
)

// uptimeRobotMonitor is a monitor as the API has it. Times are in seconds.
type uptimeRobotMonitor struct {
	Name     string                  `json:"friendlyName"`
	URL      string                  `json:"url"`
	Type     string                  `json:"type"`
	Interval int                     `json:"interval"`
	Timeout  int                     `json:"timeout"`
	Method   string                  `json:"httpMethodType"`
	Codes    []string                `json:"successHttpResponseCodes"`
	Headers  map[string]string       `json:"customHttpHeaders"`
	CheckSSL bool                    `json:"checkSSLErrors"`
	Reminder bool                    `json:"sslExpirationReminder"`
	Domain   bool                    `json:"domainExpirationReminder"`
	Follow   bool                    `json:"followRedirections"`
	Contacts []uptimeRobotAssignment `json:"assignedAlertContacts"`

	KeywordType  *string            `json:"keywordType,omitempty"`
	KeywordCase  json.RawMessage    `json:"keywordCaseType,omitempty"` // 0 minds the case
	KeywordValue string             `json:"keywordValue,omitempty"`
	Config       *uptimeRobotConfig `json:"config,omitempty"`

	RegionData *uptimeRobotRegions `json:"regionData,omitempty"` // written
	// Read only.
	Regional json.RawMessage `json:"regionalData,omitempty"`
	ID       looseText       `json:"id,omitempty"`
	Status   string          `json:"status,omitempty"`
}

type uptimeRobotConfig struct {
	Days []int `json:"sslExpirationPeriodDays"`
}

type uptimeRobotRegions struct {
	Regions []string `json:"REGION"`
	Manual  bool     `json:"MANUAL_SELECTED"`
}

// uptimeRobotAssignment is who is alerted how many minutes after a failure, and
// how often again.
type uptimeRobotAssignment struct {
	ID         looseText `json:"alertContactId"`
	Threshold  int       `json:"threshold"`
	Recurrence int       `json:"recurrence"`
}

// explainUptimeRobot reads {"message": text or list, "error", "statusCode"}. The
// first word of a message about a property is its name.
func explainUptimeRobot(body []byte) (message, field string) {
	var answer struct {
		Message json.RawMessage `json:"message"`
		Error   string          `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return "", ""
	}
	var list []string
	if json.Unmarshal(answer.Message, &message) != nil && json.Unmarshal(answer.Message, &list) == nil {
		message = strings.Join(list, "; ")
	}
	if message == "" {
		return answer.Error, ""
	}
	field, _, _ = strings.Cut(message, " ")
	field, _, _ = strings.Cut(field, ".")
	return message, field
}

func (u *uptimeRobot) wire(ctx context.Context, m Monitor) (uptimeRobotMonitor, error) {
	w := uptimeRobotMonitor{
		Name: m.Name, URL: m.URL, Type: "HTTP", Interval: int(m.Interval / time.Second), Timeout: int(m.Timeout / time.Second),
		Method: m.Method, Codes: m.Status, Headers: map[string]string{}, Follow: m.FollowRedirects,
		CheckSSL: !m.IgnoreTLS && strings.HasPrefix(m.URL, "https:"), Reminder: m.CertificateDays > 0, Contacts: []uptimeRobotAssignment{},
	}
	if w.Codes == nil {
		w.Codes = []string{}
	}
	for name, value := range m.Headers {
		w.Headers[name] = value
	}
	if m.Body != "" {
		// Alert when the text is not there.
		w.Type, w.KeywordType, w.KeywordCase, w.KeywordValue = "KEYWORD", new("ALERT_NOT_EXISTS"), json.RawMessage("1"), m.Body
	}
	w.Config = &uptimeRobotConfig{Days: []int{}}
	if m.CertificateDays > 0 {
		w.Config.Days = []int{m.CertificateDays}
	}
	if len(m.Regions) > 0 {
		w.RegionData = &uptimeRobotRegions{Regions: m.Regions, Manual: true}
	}
	contacts, err := u.allContacts(ctx)
	if err != nil {
		return w, err
	}
	for _, c := range contacts {
		// A monitor that nobody is assigned to alerts nobody.
		if m.Contacts == nil && c.active() || slices.Contains(m.Contacts, c.word()) {
			w.Contacts = append(w.Contacts, uptimeRobotAssignment{ID: c.ID})
		}
	}
	if m.Contacts != nil && len(w.Contacts) < len(m.Contacts) {
		return w, &Error{Backend: UptimeRobotName, Operation: "describe monitor " + m.Name, Field: "contacts", Message: fmt.Sprintf("not each of %s is a contact of the account", strings.Join(m.Contacts, ", "))}
	}
	return w, nil
}

func (u *uptimeRobot) seen(w uptimeRobotMonitor, contacts []uptimeRobotContact) Seen {
	s := Seen{State: uptimeRobotState(w.Status)}
	// The API may escape what people wrote as if it were HTML.
	s.ID, s.Name, s.URL, s.Method = string(w.ID), html.UnescapeString(w.Name), html.UnescapeString(w.URL), w.Method
	s.Interval, s.Timeout = time.Duration(w.Interval)*time.Second, time.Duration(w.Timeout)*time.Second
	s.Status, s.FollowRedirects = slices.Clone(w.Codes), w.Follow
	s.IgnoreTLS, s.Paused = !w.CheckSSL && strings.HasPrefix(s.URL, "https:"), s.State == Paused
	if w.Reminder && w.Config != nil && len(w.Config.Days) > 0 {
		s.CertificateDays = slices.Max(w.Config.Days)
	}
	for name, value := range w.Headers {
		if s.Headers == nil {
			s.Headers = map[string]string{}
		}
		s.Headers[http.CanonicalHeaderKey(name)] = value // the API has names in lower case
	}
	s.Regions = uptimeRobotRegionsOf(w.Regional)
	s.Contacts = []string{}
	for _, a := range w.Contacts {
		word := string(a.ID)
		for _, c := range contacts {
			if c.ID == a.ID {
				word = c.word()
			}
		}
		s.Contacts = append(s.Contacts, word)
	}
	slices.Sort(s.Contacts)
	switch {
	case w.Type == "KEYWORD" && (w.KeywordType == nil || *w.KeywordType == "ALERT_NOT_EXISTS"):
		s.Body = html.UnescapeString(w.KeywordValue)
	case w.Type != "HTTP":
		s.Kind = strings.ToLower(w.Type)
	}
	return s
}

// uptimeRobotRegionsOf reads the regions that were chosen: an object, or one
// region as text. Those that the service chose are none.
func uptimeRobotRegionsOf(raw json.RawMessage) []string {
	var one string
	if json.Unmarshal(raw, &one) == nil && one != "" {
		return []string{one}
	}
	var r uptimeRobotRegions
	if json.Unmarshal(raw, &r) != nil || !r.Manual {
		return nil
	}
	return slices.Sorted(slices.Values(r.Regions))
}

func uptimeRobotState(status string) State {
	switch strings.ToUpper(status) {
	case "UP":
		return Up
	case "DOWN":
		return Down
	case "PAUSED":
		return Paused
	case "STARTED", "NOT_CHECKED_YET", "LOOKS_DOWN", "":
		return Pending
	}
	return State(strings.ToLower(status))
}
