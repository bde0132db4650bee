package sandbox

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/monitors"
)

// startMonitors serves Better Stack and UptimeRobot. Whom UptimeRobot alerts is
// the agency's people.
func (s *Sandbox) startMonitors() error {
	s.uptime = monitors.New(monitors.Options{
		BetterStackToken: newToken(), UptimeRobotKey: "u1-" + newToken(), UptimeRobotPlan: s.options.UptimeRobotPlan,
		Contacts: []string{"ops@inbox.example", "owner@inbox.example"},
	})
	url, err := s.listen(s.uptime)
	s.monitorsURL = url
	return err
}

// Monitors is the monitoring services, for tests that want more of them than a URL.
func (s *Sandbox) Monitors() *monitors.Server { return s.uptime }

// MonitorService is how a monitoring service is reached.
type MonitorService struct{ URL, Token string }

// BetterStack is the account at Better Stack.
func (s *Sandbox) BetterStack() MonitorService {
	return MonitorService{s.monitorsURL + monitors.BetterStackPath, s.uptime.BetterStackToken()}
}

// UptimeRobot is the account at UptimeRobot.
func (s *Sandbox) UptimeRobot() MonitorService {
	return MonitorService{s.monitorsURL + monitors.UptimeRobotPath, s.uptime.UptimeRobotKey()}
}

func (s *Sandbox) monitorsJSON() string {
	better, robot := s.BetterStack(), s.UptimeRobot()
	b, err := json.Marshal(map[string]any{
		"betterstack": map[string]string{"api_token": better.Token, "base_url": better.URL},
		"uptimerobot": map[string]string{"api_key": robot.Token, "base_url": robot.URL},
	})
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(b)
}

// deliverWebhook posts a message of Cloudflare's notifications: to a receiver on
// this machine as it is, to everything else through the edge.
func (s *Sandbox) deliverWebhook(ctx context.Context, r *http.Request) (*http.Response, error) {
	client := http.Client{
		Timeout:       5 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if ip := net.ParseIP(r.URL.Hostname()); ip == nil || !ip.IsLoopback() {
		transport := s.visitor()
		defer transport.CloseIdleConnections()
		client.Transport = transport
	}
	return client.Do(r.WithContext(ctx))
}

// putMonitorFaults takes one fault of the monitoring services, or a list of them;
// an empty list ends all.
func (s *Sandbox) putMonitorFaults(w http.ResponseWriter, r *http.Request) {
	var faults []monitors.Fault
	if !receiveSome(w, r, "faults", &faults) {
		return
	}
	if err := s.uptime.SetFaults(faults); err != nil {
		complain(w, http.StatusUnprocessableEntity, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
