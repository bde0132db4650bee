package obscheck

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// Validate returns what cannot work, in words for the user.
func (d Drill) Validate() error {
	u, err := url.Parse(plainAddress(d.Request.URL))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("%q is no address such as https://portal.acme.example/api/login", d.Request.URL)
	}
	_, rest, _ := strings.Cut(d.Request.URL, "://")
	if host, _, _ := strings.Cut(rest, "/"); strings.Contains(host, "{{") {
		return errors.New("no mark may stand in the host")
	}
	switch {
	case d.Request.Repeat < 0 || d.Request.Repeat > MaxRepeat:
		return fmt.Errorf("repeat is between 1 and %d: a drill is no load test", MaxRepeat)
	case d.Within < 0 || d.Within > MaxWithin:
		return fmt.Errorf("within is %s at most", MaxWithin)
	case d.Kind != "" && !slices.Contains(Kinds(), d.Kind):
		return fmt.Errorf("unknown kind %q", d.Kind)
	case len(d.Signals) == 0:
		return errors.New("a drill needs signals: where the failure must show")
	case slices.Contains(d.Request.Expect, 404):
		return errors.New("404 says that there is nothing at the address: no drill happens there")
	}
	for _, s := range d.Signals {
		if err := s.validate(); err != nil {
			return fmt.Errorf("signal %s: %w", s.Name, err)
		}
	}
	return nil
}

func (s Signal) validate() error {
	switch {
	case s.Config.Kind.Counts() && s.Query == "":
		return fmt.Errorf("a sink of type %s needs a query whose number must rise", string(s.Config.Kind))
	case s.Config.Kind.Counts() && s.Text != "":
		return errors.New("contains is for entries: a sink that counts is judged by increase")
	case !s.Config.Kind.Counts() && s.Increase != 0:
		return errors.New("increase is for sinks of type prometheus and metrics")
	case s.Increase < 0:
		return errors.New("increase is a number above 0")
	case s.Resolved != 0 && !receives(s.Config.Kind):
		return errors.New("resolved_within is for mailboxes and sinks of type webhook")
	case s.Resolved < 0 || s.Resolved > MaxWithin:
		return fmt.Errorf("resolved_within is %s at most", MaxWithin)
	}
	return nil
}

// logs reports whether a sink is a log.
func logs(k probe.SinkKind) bool {
	return k == probe.SinkLoki || k == probe.SinkFile || k == probe.SinkJSON
}

// receives reports whether a sink is where somebody is told.
func receives(k probe.SinkKind) bool { return k == probe.SinkMailbox || k == probe.SinkWebhook }

// rule is the rule that a signal of a drill is judged by.
func (s Signal) rule(k Kind) string {
	switch {
	case k == Bounce:
		return ruleBounce
	case s.Config.Kind.Counts():
		return ruleMetric
	case s.Config.Kind == probe.SinkSentry:
		return ruleTracker
	case logs(s.Config.Kind):
		return ruleLog
	}
	return ruleAlert
}
