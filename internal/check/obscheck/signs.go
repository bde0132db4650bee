package obscheck

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// signs are how rules are told apart whose names the user did not give: what
// their expressions or names speak of. The first is for the expression.
var signs = sync.OnceValue(func() map[Alert][2]*regexp.Regexp {
	of := func(expression, name string) [2]*regexp.Regexp {
		return [2]*regexp.Regexp{regexp.MustCompile(`(?i)` + expression), regexp.MustCompile(`(?i)` + name)}
	}
	return map[Alert][2]*regexp.Regexp{
		Spike401: of(`log_?in\w*_?fail|fail\w*?_?(?:log_?in|sign_?in)|sign_?in_?fail|auth\w*_?fail|unauthori[sz]ed|(?:log_?in|sign_?in|auth)\w*\{[^}]*["'](?:\w*fail\w*|invalid\w*|denied|error|wrong\w*)["']`,
			`401|4xx|unauthori[sz]ed|(?:log.?in|sign.?in|auth\w*).?fail|fail\w*.?(?:log|sign).?in|brute.?force`),
		Spike403:    of(`forbidden|access_?denied`, `403|4xx|forbidden|denied`),
		Spike5xx:    of(`\b5xx\b|_5xx_|outcome\s*=~?\s*["']SERVER_ERROR["']`, `5xx|server.?error|error.?(?:rate|ratio|spike|budget)|\b500`),
		Latency:     of(`histogram_quantile|latency|quantile\s*=|(?:duration|response_time)(?:_(?:milli)?seconds|_ms)?(?:_bucket|_sum)?(?:[^\w]|$)|response_time|(?:request|response)_(?:milli)?seconds(?:_bucket|_sum)?\s*[{\[>)]`, `latency|p9\d|slow`),
		Bounces:     of(`bounce|undeliver|mail\w*_(?:fail|reject)|deliver\w*_?fail`, `bounce|undeliver|mail.?(?:delivery.?)?fail`),
		Certificate: of(`cert\w*(?:_\w+)?(?:expir|not_?after)|ssl_earliest|x509|tls\w*_(?:expir|not_?after)`, `cert\w*.?(?:expir|ends)|tls.?expir|ssl.?expir`),
		HostDown:    of(`probe_success|\bup(?:\{[^}]*\})?\s*(?:==\s*0|<\s*1|!=\s*1)|absent\(\s*up|probe_http_status_code`, `(?:host|site|instance|target|probe|endpoint|service|portal).?(?:is.?)?(?:down|fail|unreach)|down$`),
		Deploy:      of(`deploy|release|build_info`, `deploy|release|rollout`),
	}
})

// labelForm finds the conditions on labels in an expression. Prometheus writes
// them in double quotes, others show them as they were written.
var labelForm = regexp.MustCompile("(\\w+)\\s*(=~|!~|!=|=)\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|'((?:[^'\\\\]|\\\\.)*)'|`([^`]*)`)")

// covers reports whether a rule is about something.
func (s *session) covers(r probe.AlertRule, a Alert) bool {
	if names, ok := s.spec.AlertNames[a]; ok {
		return slices.Contains(names, r.Name)
	}
	expression := r.Query + "\n" + r.Recorded
	return chooses(expression, a) || signs()[a][0].MatchString(expression) || signs()[a][1].MatchString(r.Name)
}

// chooses reports whether an expression selects requests by a status that is
// about an alert, and not those that went well.
func chooses(expression string, a Alert) bool {
	wanted := map[Alert][]string{Spike401: {"401", "4xx"}, Spike403: {"403", "4xx"}, Spike5xx: {"500", "502", "503", "504", "5xx"}}[a]
	if wanted == nil {
		return false
	}
	for _, m := range labelForm.FindAllStringSubmatch(expression, -1) {
		name := strings.ToLower(m[1])
		if !strings.Contains(name, "code") && !strings.Contains(name, "status") && !strings.Contains(name, "class") && name != "response" && name != "http_response" {
			continue
		}
		value := strings.ReplaceAll(m[3]+m[4], `\\`, `\`) + m[5]
		if strings.Contains(name, "class") && len(value) == 1 {
			value += "xx"
		}
		selects := selecting(m[2], value)
		if selects == nil || selects("200") || selects("2xx") {
			continue
		}
		if slices.ContainsFunc(wanted, selects) {
			return true
		}
	}
	return false
}

// selecting is what a condition on a label chooses; nil for one that is no expression.
func selecting(operator, value string) func(string) bool {
	is := func(s string) bool { return strings.EqualFold(s, value) }
	if strings.HasSuffix(operator, "~") {
		form, err := regexp.Compile("^(?i:" + value + ")$")
		if err != nil {
			return nil
		}
		is = form.MatchString
	}
	if strings.HasPrefix(operator, "!") {
		return func(s string) bool { return !is(s) }
	}
	return is
}
