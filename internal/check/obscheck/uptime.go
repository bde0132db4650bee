package obscheck

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
)

// missedIntervals in a row are borne of a monitor; then it does not look.
const missedIntervals = 3

// monitored judges the monitors of the hosts that must have one.
func (s *session) monitored(a alerting) {
	if len(s.spec.MonitoredHosts) == 0 {
		check.Each([]string{ruleUptime, ruleStale, ruleNoAlert, ruleShallow}, target(s.spec), "monitored_hosts names none", s.report.NotApplicable)
		return
	}
	for _, entry := range s.spec.MonitoredHosts {
		host := monitoredHost(entry)
		var own []Monitor
		for _, m := range a.monitors {
			if m.host() == host {
				own = append(own, m)
			}
		}
		s.host(host, own, a)
	}
}

// host judges one: of several monitors, one that is right is enough.
func (s *session) host(host string, monitors []Monitor, a alerting) {
	rest := []string{ruleStale, ruleNoAlert, ruleShallow}
	switch {
	case len(monitors) > 0:
		s.report.Pass(ruleUptime, host, "the host has a monitor")
	case s.spec.Inventory == nil:
		check.Each(append(rest, ruleUptime), host, "no service is known that monitors: give the provider access to Cloudflare's API, or to one of monitors", s.report.Undecided)
		return
	case len(a.failures) > 0:
		check.Each(append(rest, ruleUptime), host, "not every service could be asked for its monitors: "+a.failures[0], s.report.Inconclusive)
		return
	default:
		s.report.Fail(ruleUptime, host, "no monitor asks the host")
		check.Each(rest, host, "there is no monitor: mend "+ruleUptime+" first", s.report.NotApplicable)
		return
	}
	now := s.prober.Now()
	stale, paused, silent, unknown, shallow := true, true, true, false, true
	for _, m := range monitors {
		stale, paused = stale && m.stale(now), paused && m.Paused
	}
	// What one that does not look would tell, and see, helps nobody.
	if looking := slices.DeleteFunc(slices.Clone(monitors), func(m Monitor) bool { return m.stale(now) }); len(looking) > 0 {
		monitors = looking
	}
	for _, m := range monitors {
		silent = silent && (m.ContactsUnknown || len(m.Contacts) == 0)
		unknown = unknown || m.ContactsUnknown
		shallow = shallow && m.shallow()
	}
	switch {
	case stale && paused:
		s.report.Fail(ruleStale, host, "the monitor is paused"+at(monitors))
	case stale:
		s.report.FailAs(ruleStale, host, "", "the monitor has not looked for three of its intervals"+at(monitors),
			"See at the service why it does not look: its own status page, the plan of the account, maintenance windows. Then start the monitor again.")
	default:
		s.report.Pass(ruleStale, host, "the monitor looks at the host")
	}
	switch {
	case silent && unknown && (covered(a.policies, HostDown)):
		s.report.Pass(ruleNoAlert, host, "a policy tells somebody when the host is down")
	case silent && unknown:
		s.report.Undecided(ruleNoAlert, host, "the service does not say whom the monitor tells")
	case silent:
		s.report.Fail(ruleNoAlert, host, "the monitor tells nobody")
	default:
		s.report.Pass(ruleNoAlert, host, "the monitor tells somebody")
	}
	if shallow {
		s.report.Fail(ruleShallow, host, "the monitor asks for the start page, takes nearly any status, and looks for no text")
	} else {
		s.report.Pass(ruleShallow, host, "the monitor looks at more than whether something answers")
	}
}

// at names the first of the monitors and its service, for who has to find it.
func at(monitors []Monitor) string {
	first := slices.MinFunc(monitors, func(a, b Monitor) int {
		return cmp.Or(strings.Compare(a.Backend, b.Backend), strings.Compare(a.Name, b.Name))
	})
	if first.Name == "" {
		return ": " + first.Backend
	}
	return fmt.Sprintf(": %q at %s", first.Name, first.Backend)
}

// covered reports whether a policy that is on tells somebody of something.
func covered(policies []Policy, alert Alert) bool {
	for _, p := range policies {
		for _, one := range p.Covers {
			if p.Enabled && one == alert && len(p.Destinations) > 0 {
				return true
			}
		}
	}
	return false
}

func (m Monitor) host() string {
	if host := hostOf(m.URL); host != "" {
		return host
	}
	host, _, _ := strings.Cut(m.URL, "/") // some services take a host alone, or with its port
	if name, port, err := net.SplitHostPort(host); err == nil && port != "" {
		host = name
	}
	return check.CanonicalHost(host)
}

func (m Monitor) stale(now time.Time) bool {
	return m.Paused || !m.LastChecked.IsZero() && m.Interval > 0 && now.Sub(m.LastChecked) > missedIntervals*m.Interval+time.Minute
}

func (m Monitor) shallow() bool {
	u, err := url.Parse(m.URL)
	return err == nil && (u.Path == "" || u.Path == "/") && m.Body == "" && m.AnyStatus
}
