package deploycheck

import (
	"context"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// AlertLink says how deploys are tied to alerts.
type AlertLink struct {
	Marker *Marker
	Policy string // name of an alert policy; empty = none
	// Policies are those that exist; nil where nobody can ask.
	Policies func(context.Context) ([]AlertPolicy, error)
}

// Marker is what a deploy leaves in the monitoring.
type Marker struct {
	Name     string // of the sink, as the configuration calls it
	Sink     probe.SinkConfig
	Query    string // in the language of the sink; {{release}} stands for the release that runs
	Contains string // text of an entry; empty = the release that runs
}

// AlertPolicy is one that exists.
type AlertPolicy struct {
	Name         string
	Type         string // Cloudflare's, such as pages_event_alert
	Enabled      bool
	Destinations int // how many are told
}

const releaseMark = "{{release}}"

// alerts judges that the deploy of what runs shows where alerts come from, or that
// a policy tells of deploys.
func (s *session) alerts() {
	link := s.spec.Alerts
	if link.Marker == nil && link.Policy == "" {
		s.report.Undecided(ruleAlertLink, s.production.host, "nobody has said how deploys are tied to alerts: alert_link is not set")
		return
	}
	if link.Marker != nil {
		s.marker(*link.Marker)
	}
	if link.Policy != "" {
		s.policy(link)
	}
}

func (s *session) marker(m Marker) {
	subject := "deploy marker in " + m.Name
	live := s.production.release
	counts := m.Sink.Kind.Counts()
	named := strings.Contains(m.Query, releaseMark) || !counts && (m.Contains == "" || strings.Contains(m.Contains, releaseMark))
	if live == "" && named {
		s.report.Undecided(ruleAlertLink, subject, "production does not say which release it is, so that its marker cannot be looked for")
		return
	}
	sink := s.prober.Sink(m.Sink)
	defer sink.Close()
	var reading probe.SinkReading
	for _, name := range live.spellings() {
		text := m.Contains
		if text == "" && !counts {
			text = releaseMark
		}
		reading = sink.Look(s.ctx, probe.SinkQuery{Query: strings.ReplaceAll(m.Query, releaseMark, name), Text: strings.ReplaceAll(text, releaseMark, name)})
		if reading.Failed() || shows(reading, counts) {
			break
		}
	}
	switch {
	case reading.Failed():
		s.report.InconclusiveAs(ruleAlertLink, subject, reading.Detail, "Look at the sink in provider \"launchready\", and at alert_link.query.")
	case shows(reading, counts) && !named:
		s.report.InconclusiveAs(ruleAlertLink, subject, "there is a marker, and neither alert_link.query nor alert_link.contains names the release, so that it may be an older one's", "Write {{release}} where the marker holds the release.")
	case shows(reading, counts):
		s.report.Pass(ruleAlertLink, subject, "the deploy of what runs left its marker")
	case reading.Live || s.earlier(sink, m, counts):
		s.report.Fail(ruleAlertLink, subject, "the deploy of what runs left no marker")
	default:
		s.report.InconclusiveAs(ruleAlertLink, subject, "the sink shows no marker of the release, and nothing else by which it is seen to be the right one", "Check the sink and alert_link.query: the marker of an earlier deploy should be there.")
	}
}

// earlier reports whether a sink shows anything at all, such as the markers of
// deploys before: then what it does not show is not there.
func (s *session) earlier(sink probe.Sink, m Marker, counts bool) bool {
	if strings.Contains(m.Query, releaseMark) {
		return false
	}
	return shows(sink.Look(s.ctx, probe.SinkQuery{Query: m.Query}), counts)
}

func shows(r probe.SinkReading, counts bool) bool {
	if counts {
		return r.Series > 0
	}
	return len(r.Entries) > 0
}

// spellings are the ways in which a release is written: of a commit its
// beginnings too.
func (r release) spellings() []string {
	text := r.plain()
	if !isHash(text) || len(text) <= 12 {
		return []string{text}
	}
	return []string{text, text[:12], text[:8], text[:shortestHash]}
}

func (s *session) policy(link AlertLink) {
	subject := "alert policy " + link.Policy
	if link.Policies == nil {
		s.report.InconclusiveAs(ruleAlertLink, subject, "alert policies cannot be read without access to Cloudflare's API", "Set cloudflare.api_token in provider \"launchready\".")
		return
	}
	all, err := link.Policies(s.ctx)
	if err != nil {
		s.report.Inconclusive(ruleAlertLink, subject, "alert policies could not be read: "+err.Error())
		return
	}
	for _, p := range all {
		if !strings.EqualFold(p.Name, link.Policy) {
			continue
		}
		switch {
		case !p.Enabled:
			s.report.Fail(ruleAlertLink, subject, "the policy is turned off")
		case p.Destinations == 0:
			s.report.Fail(ruleAlertLink, subject, "the policy tells nobody")
		case p.Type != "pages_event_alert": // the only kind that is about deploys
			s.report.InconclusiveAs(ruleAlertLink, subject, "the policy is of type "+p.Type+", which tells of other things than deploys",
				"Name a policy of type pages_event_alert, or a sink in which deploys leave markers; or attest the rule.")
		default:
			s.report.Pass(ruleAlertLink, subject, "there is a policy, and it tells somebody")
		}
		return
	}
	s.report.Fail(ruleAlertLink, subject, "there is no alert policy of this name")
}
