package deploycheck

import "cmp"

// account judges what only Cloudflare's API tells.
func (s *session) account() {
	const needsAPI = "this needs access to Cloudflare's API: set cloudflare.api_token in provider \"launchready\""
	subject := s.production.host
	if s.spec.Account == nil {
		s.report.NotApplicable(ruleDevMode, subject, needsAPI)
		return
	}
	switch facts, err := s.spec.Account(s.ctx); {
	case err != nil:
		s.report.Inconclusive(ruleDevMode, subject, "the settings of the zone could not be read: "+err.Error())
	case facts == nil:
		s.report.NotApplicable(ruleDevMode, subject, needsAPI)
	case facts.DevelopmentMode:
		s.report.Fail(ruleDevMode, cmp.Or(facts.Zone, subject), "development_mode is on: the edge keeps nothing")
	default:
		s.report.Pass(ruleDevMode, cmp.Or(facts.Zone, subject), "development_mode is off")
	}
}
