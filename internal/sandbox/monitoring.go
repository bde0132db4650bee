package sandbox

import (
	"encoding/json"
	"net/http"

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
