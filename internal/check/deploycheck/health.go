package deploycheck

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Usual paths of health endpoints.
var (
	usualHealth    = []string{"/healthz", "/health", "/api/health", "/livez", "/api/healthz", "/actuator/health", "/up", "/_health"}
	usualReadiness = []string{"/readyz", "/ready", "/health/ready", "/api/ready", "/api/readyz", "/readiness", "/api/readiness", "/actuator/health/readiness"}
)

// endpoint finds a health endpoint: the one that is named, else a usual one. Its
// answer may be of any status where it was named. "" if there is none; reason is
// why that is not sure.
func (s *session) endpoint(at *site, named string, usual []string) (path, reason string) {
	if named != "" {
		return named, unseen503(s.get(at, named))
	}
	missing := s.get(at, nowhere)
	for _, path := range usual {
		x := s.get(at, path)
		if lost := unseen503(x); lost != "" {
			reason = lost
			continue
		}
		if speaksOfHealth(x) && !(x.Status == missing.Status && bytes.Equal(x.Body, missing.Body)) {
			return path, ""
		}
	}
	return "", reason
}

// unseen503 is unseen for an endpoint that may say with 503 that it is not ready.
func unseen503(x probe.Exchange) string {
	if x.Status == 503 && !x.Challenged() && speaksOfHealth(x) {
		return ""
	}
	return unseen(x)
}

// speaksOfHealth reports whether an answer is that of a health endpoint, and no
// page that a site shows for every path.
func speaksOfHealth(x probe.Exchange) bool {
	if x.Status != 200 && x.Status != 204 && x.Status != 503 && x.Status != 500 {
		return false
	}
	body := bytes.TrimSpace(x.Body)
	switch {
	case x.Status == 204, len(body) == 0 && x.Status == 200:
		return true
	case json.Valid(body):
		_, object := anObject(body)
		return object || len(body) < 32
	case isPage(x):
		return healthPage().Match(body)
	}
	return len(body) < 512 && healthWord().Match(body)
}

var (
	healthPage = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)<body style="background-color: ?(?:green|#?0?f0)`)
	}) // Rails
	healthWord = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)^\W*(?:ok|up|healthy|ready|alive|pass|live|unavailable|down|not ready|not ok|unhealthy|degraded|starting|fail(?:ed|ing)?|error)\b`)
	})
)

func anObject(body []byte) (map[string]any, bool) {
	var out map[string]any
	return out, json.Unmarshal(body, &out) == nil && out != nil
}

// statement is what health endpoints said.
type statement struct {
	path string
	probe.Exchange
}

// statements are those of a site, each path once.
func (s *session) statements(at *site) (out []statement, reason string) {
	for _, one := range []struct {
		named string
		usual []string
	}{{at.Readiness, usualReadiness}, {at.Health, usualHealth}} {
		path, lost := s.endpoint(at, one.named, one.usual)
		if lost != "" {
			reason = lost
		}
		if path != "" && lost == "" && !slices.ContainsFunc(out, func(o statement) bool { return o.path == path }) {
			out = append(out, statement{path, s.get(at, path)})
		}
	}
	return out, reason
}

// health judges what production's endpoints say, and to whom.
func (s *session) health() {
	at := s.production
	said, reason := s.statements(at)
	s.migrations(said, reason)
	switch {
	case len(said) == 0 && reason != "":
		s.report.Inconclusive(ruleHealth, at.host, reason)
	case len(said) == 0:
		s.report.InconclusiveAs(ruleHealth, at.host, "no usual path is a health endpoint", "Name the paths in production.health and production.readiness.")
	}
	for _, one := range said {
		s.judgeHealth(at, one)
	}
	s.drill()
}

func (s *session) judgeHealth(at *site, one statement) {
	subject := at.at(one.path)
	public := s.stranger(at, one.path)
	body, _ := anObject(one.Body)
	down := failing(body)
	switch {
	case one.Status >= 300 && one.Status < 500:
		s.report.InconclusiveAs(ruleHealth, subject, fmt.Sprintf("it answers %d, which says nothing of health", one.Status), "Check production.health and production.readiness, and give production.identity what the endpoint asks for.")
	case one.Status >= 500:
		s.report.FailAs(ruleHealth, subject, readiness.High, fmt.Sprintf("it is not healthy now: it answers %d", one.Status), "Mend what it names.")
	case body == nil && saysDown().Match(one.Body):
		s.report.Fail(ruleHealth, subject, fmt.Sprintf("it answers %d and says that the portal is down", one.Status))
	case len(down) > 0:
		s.report.Fail(ruleHealth, subject, "it answers 200 and says that something is down: "+strings.Join(down, ", "))
	case public.Status == 0 || public.Status == http.StatusTooManyRequests:
		s.report.Inconclusive(ruleHealth, subject, "what strangers are told is not known: "+unseen(public))
	case public.Status < 400 && credential(public.Body):
		s.report.FailAs(ruleHealth, subject, readiness.High, "it shows strangers a credential", "Take settings and addresses out of the answer, and rotate what it has shown.")
	case public.Status < 400 && runtimeVersion().Match(public.Body):
		s.report.FailAs(ruleHealth, subject, readiness.Info, "it tells strangers the versions of what the portal is made of", "Tell them to those who are signed in.")
	default:
		s.report.Pass(ruleHealth, subject, "it is healthy and tells strangers nothing more")
	}
}

var (
	addressWithPassword = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@"'<>]*:([^\s/@"'<>*]{3,})@`)
	})
	namedSecret = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)"([a-z0-9_.-]{0,60}(?:password|passwd|secret|secret_key|private_key|api_key|apikey|access_key|auth_token|access_token|connectionstring))"\s*:\s*"([^"]{6,})"`)
	})
	runtimeVersion = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)"(?:node|nodejs|php|python|ruby|java|jvm|go|dotnet|postgres|postgresql|mysql|mariadb|redis|mongo|mongodb|nginx|kernel|os)(?:_?version)?"\s*:\s*"v?\d+\.\d+[^"]*"`)
	})
)

// credential reports whether a text holds one. What is masked is none.
func credential(body []byte) bool {
	if addressWithPassword().Match(body) {
		return true
	}
	for _, m := range namedSecret().FindAllSubmatch(body, 20) {
		value := strings.ToLower(string(m[2]))
		masked := strings.Trim(value, "*•x") == "" || strings.Contains(value, "filtered") || strings.Contains(value, "redacted") || strings.Contains(value, "hidden") || strings.Contains(value, "****")
		if !masked && !slices.Contains(downWords, value) && !strings.Contains(value, " ") {
			return true
		}
	}
	return false
}
