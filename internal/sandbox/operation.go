package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/inbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/watch"
)

// Sink is a place where signals of the portal are read, as the provider's
// configuration takes it.
type Sink struct {
	Type         string `json:"type"`
	URL          string `json:"url,omitempty"`
	Path         string `json:"path,omitempty"`
	Tenant       string `json:"tenant,omitempty"`
	Organization string `json:"organization,omitempty"`
	Project      string `json:"project,omitempty"`
	BearerToken  string `json:"bearer_token,omitempty"`
}

// operation is how the portal is watched.
type operation struct {
	watch *watch.Watch
	url   string // of what is read of it
	token string // of the error tracker
	log   *os.File
}

// startOperation lets the portal's events be logged and watched.
func (s *Sandbox) startOperation() error {
	members := s.world.portal
	o := &operation{token: rand.Text()}
	s.operation = o
	var err error
	if o.log, err = os.OpenFile(s.LogPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	options := watch.Options{
		Domain: s.Domain(), To: inbox.Ops, Now: time.Now, Mail: s.mailAlert,
		Metrics: func() string {
			var b strings.Builder
			members.WriteMetrics(&b)
			return b.String()
		},
	}
	later := new(lateHandler)
	if o.url, err = s.listen(later); err != nil {
		return err
	}
	options.Hook = o.url + "/hook"
	o.watch = watch.Start(options)
	s.world.watch = o.watch
	later.set(o.watch.Handler(o.token))
	members.ReportTo(func(e portal.Event, line string) {
		if line != "" {
			_, _ = o.log.WriteString(line) // one write a line: lines of requests side by side do not mix
		}
		raw, err := json.Marshal(e)
		if err != nil {
			return
		}
		about := strings.Join(strings.Fields(strings.Join([]string{e.Event, "user", e.User, "request", e.RequestID, "from", e.SourceIP}, " ")), " ")
		o.watch.Take(watch.Event{
			At: e.Time, Kind: e.Event, Status: e.Status, Bounce: e.Event == portal.EventBounced, Error: e.Event == portal.EventError,
			About: about, Line: line, Raw: string(raw),
		})
	})
	return nil
}

// mailAlert brings a message of the watch to the mail host.
func (s *Sandbox) mailAlert(ctx context.Context, to string, raw []byte) error {
	conn, err := s.world.inbox.DialFrom(ctx, watchAddress)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	client, err := smtp.NewClientStartTLS(conn, &tls.Config{ServerName: inbox.MX, RootCAs: s.world.edge.Roots(), MinVersion: tls.VersionTLS12})
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.SendMail("watch@"+s.Domain(), []string{to}, strings.NewReader(string(raw))); err != nil {
		return err
	}
	return client.Quit()
}

// watchAddress is where the watch's mail comes from.
const watchAddress = "203.0.113.55"

// closeOperation ends the watch; nothing of the portal is logged any more.
func (s *Sandbox) closeOperation() error {
	o := s.operation
	if o == nil {
		return nil
	}
	s.world.portal.ReportTo(nil)
	if o.watch != nil {
		o.watch.Close()
	}
	if o.log != nil {
		return o.log.Close()
	}
	return nil
}

// LogPath is the portal's log: one JSON object a line.
func (s *Sandbox) LogPath() string { return filepath.Join(s.folder, "portal.log") }

// Sinks are the places where signals are read, by name.
func (s *Sandbox) Sinks() map[string]Sink {
	url := s.operation.url
	return map[string]Sink{
		"portal_log": {Type: "file", Path: s.LogPath()},
		"logs":       {Type: "loki", URL: url, Tenant: watch.Tenant},
		"metrics":    {Type: "metrics", URL: url + "/metrics"},
		"prometheus": {Type: "prometheus", URL: url},
		"alerts":     {Type: "alertmanager", URL: url},
		"errors":     {Type: "sentry", URL: url, Organization: "acme", Project: "portal", BearerToken: s.operation.token},
		"events":     {Type: "json", URL: url + "/events"},
		"pager":      {Type: "webhook", URL: url + "/hook"},
		"deploys":    {Type: "file", Path: filepath.Join(s.world.variables.folder, deploysFile)},
	}
}

// MetricsAddr is the host:port where /metrics is scraped.
func (s *Sandbox) MetricsAddr() string { return strings.TrimPrefix(s.operation.url, "http://") }

func sinksJSON(m map[string]Sink) string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings in a struct always marshal
	}
	return string(text)
}
