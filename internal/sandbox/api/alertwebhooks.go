package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// webhook is a destination. Its secret is never shown.
type webhook struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	URL         string     `json:"url"`
	Type        string     `json:"type"`
	CreatedAt   time.Time  `json:"created_at"`
	LastSuccess *time.Time `json:"last_success"`
	LastFailure *time.Time `json:"last_failure"`

	secret string
}

type webhookInput struct {
	Name   string  `json:"name"`
	URL    string  `json:"url"`
	Secret *string `json:"secret"`
}

func listWebhooks(c *call) (*envelope, *Error) {
	return success(append([]webhook{}, c.server.alerting.webhooks...)), nil
}

func (c *call) webhookAt() (int, *Error) {
	i := slices.IndexFunc(c.server.alerting.webhooks, func(w webhook) bool { return w.ID == c.params["webhook_id"] })
	if i < 0 {
		return 0, &Error{Status: http.StatusNotFound, Code: codeAlertMissing, Message: "webhook not found"}
	}
	return i, nil
}

func getWebhook(c *call) (*envelope, *Error) {
	i, err := c.webhookAt()
	if err != nil {
		return nil, err
	}
	return success(c.server.alerting.webhooks[i]), nil
}

func createWebhook(c *call) (*envelope, *Error) {
	w := webhook{ID: NewID(), CreatedAt: c.server.now()}
	if err := c.writeWebhook(&w); err != nil {
		return nil, err
	}
	c.server.alerting.webhooks = append(c.server.alerting.webhooks, w)
	e := success(map[string]string{"id": w.ID})
	e.status = http.StatusCreated
	return e, nil
}

func putWebhook(c *call) (*envelope, *Error) {
	i, err := c.webhookAt()
	if err != nil {
		return nil, err
	}
	w := c.server.alerting.webhooks[i]
	if err := c.writeWebhook(&w); err != nil {
		return nil, err
	}
	c.server.alerting.webhooks[i] = w
	return success(map[string]string{"id": w.ID}), nil
}

func deleteWebhook(c *call) (*envelope, *Error) {
	i, err := c.webhookAt()
	if err != nil {
		return nil, err
	}
	a := &c.server.alerting
	id := a.webhooks[i].ID
	for _, p := range a.policies {
		if slices.Contains(p.ids("webhooks"), id) {
			return nil, badRequest(codeAlert, "webhook is used by notification policy "+p.Name)
		}
	}
	a.webhooks = slices.Delete(a.webhooks, i, i+1)
	return success(nil), nil
}

// writeWebhook reads a destination and tests it: Cloudflare posts a message that
// must be taken.
func (c *call) writeWebhook(w *webhook) *Error {
	var in webhookInput
	if err := c.body(&in); err != nil {
		return err
	}
	if !c.server.atLeast("pro") {
		return &Error{Status: http.StatusForbidden, Code: codeAlertPlan, Message: "account is not entitled to webhooks"}
	}
	u, err := url.Parse(in.URL)
	switch {
	case in.Name == "":
		return badRequest(codeAlert, "name is required")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return badRequest(codeAlert, "url is not valid")
	case !loopback(u.Hostname()) && u.Port() != "" && u.Port() != "443" && u.Port() != "80":
		return badRequest(codeAlert, "url: only the ports 80 and 443 are allowed")
	}
	w.Name, w.URL = in.Name, in.URL
	if in.Secret != nil {
		w.secret = *in.Secret
	}
	w.Type = "generic"
	for host, kind := range map[string]string{"hooks.slack.com": "slack", "chat.googleapis.com": "gchat", "discord.com": "discord"} {
		if u.Hostname() == host {
			w.Type = kind
		}
	}
	now := c.server.now()
	problem := c.server.deliver(*w, map[string]any{
		"text": "Hello World! This is a test message sent from https://cloudflare.com. If you can see this, your webhook is configured properly.",
	})
	if problem != "" {
		return badRequest(codeAlertTest, "Failed to send a test message to the webhook: "+problem)
	}
	w.LastSuccess = &now
	return nil
}

// loopback tells addresses of this machine, which stand for public ones.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// deliver posts a message and says what went wrong.
func (s *Server) deliver(w webhook, message map[string]any) string {
	body, err := json.Marshal(message)
	if err != nil {
		panic(err) // our own maps always marshal
	}
	req, err := http.NewRequest(http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return "malformed URL"
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Go-http-client/1.1")
	if w.secret != "" {
		req.Header.Set("Cf-Webhook-Auth", w.secret)
	}
	resp, err := s.delivery(req.Context(), req)
	if err != nil {
		return "no answer"
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	if resp.StatusCode >= 300 {
		return fmt.Sprintf("webhook returned status code %d", resp.StatusCode)
	}
	return ""
}

// Notify sends an alert by every policy that is for it, and returns how many
// destinations took it. data are its details; filters, such as the id of the
// health check, choose the policies.
func (s *Server) Notify(alertType, text string, filters map[string]string, mail func(to, subject, text string)) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := 0
	for _, p := range s.alerting.policies {
		if !p.Enabled || p.AlertType != alertType || !p.matches(filters) {
			continue
		}
		for _, to := range p.ids("email") {
			mail(to, "["+p.Name+"] "+alertType, text)
			s.record(p, "email", to, text)
			sent++
		}
		for _, id := range p.ids("webhooks") {
			i := slices.IndexFunc(s.alerting.webhooks, func(w webhook) bool { return w.ID == id })
			if i < 0 {
				continue
			}
			w := &s.alerting.webhooks[i]
			now := s.now()
			problem := s.deliver(*w, map[string]any{
				"name": w.Name, "text": text, "data": filters, "ts": now.Unix(), "account_id": s.account.ID, "policy_id": p.ID, "policy_name": p.Name,
				"alert_type": alertType, "alert_correlation_id": NewID(), "alert_event": "ALERT_STATE_EVENT_START",
			})
			if problem != "" {
				w.LastFailure = &now
				continue
			}
			w.LastSuccess = &now
			s.record(p, "webhook", w.Name, text)
			sent++
		}
	}
	return sent
}

func (s *Server) record(p alertPolicy, kind, to, text string) {
	s.alerting.history = append(s.alerting.history, Notification{
		ID: NewID(), Name: p.Name, Description: p.Description, AlertType: p.AlertType, AlertBody: text, Mechanism: to, MechanismType: strings.TrimSpace(kind), PolicyID: p.ID, Sent: s.now(),
	})
}
