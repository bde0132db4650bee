package supportcheck

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// securityTxt judges the file by which researchers find whom to write to
// (RFC 9116) on each host.
func (s *session) securityTxt() {
	if len(s.spec.SecurityTxt) == 0 {
		s.report.NotApplicable(ruleSecurityTxt, whole, "no host is named that must serve one")
		return
	}
	for _, host := range s.spec.SecurityTxt {
		s.securityTxtOf(check.CanonicalHost(host))
	}
}

func (s *session) securityTxtOf(host string) {
	x := s.get(s.ctx, "https://"+host+"/.well-known/security.txt", maxPage)
	complete := x.Status == http.StatusOK && x.Failure == probe.FailNone // what was cut off tells nothing
	missing := !x.Challenged() && (absent(x) || complete && len(fieldsOfTxt(string(x.Body))) == 0)
	if missing { // where it stood before there was a standard (section 3)
		if y := s.get(s.ctx, "https://"+host+"/security.txt", maxPage); y.Status == http.StatusOK && y.Failure == probe.FailNone && len(fieldsOfTxt(string(y.Body))) > 0 {
			x, complete, missing = y, true, false
		}
	}
	switch {
	case missing:
		s.report.Fail(ruleSecurityTxt, host, "there is no /.well-known/security.txt")
	case x.Status == 0:
		s.report.Inconclusive(ruleSecurityTxt, host, "there was no answer: "+x.Detail)
	case !complete:
		s.report.Inconclusive(ruleSecurityTxt, host, "the answer does not tell whether the file is there: "+strconv.Itoa(x.Status))
	default:
		if wrong := judgeTxt(fieldsOfTxt(string(x.Body)), s.prober.Now()); wrong != "" {
			s.report.Fail(ruleSecurityTxt, host, wrong)
			return
		}
		s.report.Pass(ruleSecurityTxt, host, "the file names a contact and has not expired")
	}
}

// fieldsOfTxt reads the fields of a file, names in lower case. A signature around
// it (section 2.3) has fields of other names. It is none without a contact or an
// expiry.
func fieldsOfTxt(text string) map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		name = strings.ToLower(name)
		if ok && slices.Contains([]string{"contact", "expires", "encryption", "acknowledgments", "preferred-languages", "canonical", "policy", "hiring", "csaf"}, name) {
			out[name] = append(out[name], strings.TrimSpace(value))
		}
	}
	return out
}

// judgeTxt says what is wrong with the fields; empty if nothing is.
func judgeTxt(fields map[string][]string, now time.Time) string {
	contacts, expires := fields["contact"], fields["expires"]
	switch {
	case len(contacts) == 0 || !slices.ContainsFunc(contacts, func(c string) bool { return strings.Contains(c, ":") || strings.Contains(c, "@") }):
		return "the file names no contact"
	case len(expires) == 0:
		return "the file does not say when it expires"
	case len(expires) > 1:
		return "the file says more than once when it expires"
	}
	at, err := time.Parse(time.RFC3339, strings.ToUpper(expires[0]))
	switch {
	case err != nil:
		return "the date of expiry is not one of RFC 3339"
	case !at.After(now):
		return "the file has expired"
	}
	return ""
}
