package obscheck

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// secret is a credential of a drill, and how it is looked for.
type secret struct {
	what  string // as findings call it
	forms []string
}

// beginning is how much of a credential is as good as all of it, to know that
// it is there.
const beginning = 12

// credentials are what the drill sent that no log may hold. short says that there
// are others, too short to be told from other text.
func (t *trial) credentials() (out []secret, short bool) {
	add := func(what, value string) {
		if looks := forms(value); len(looks) > 0 {
			out = append(out, secret{what, looks})
			return
		}
		short = true
	}
	if t.drill.Request.uses(PasswordWord) {
		add("the password of the failed sign-in", t.password)
	}
	for name, values := range t.drill.Request.Secret {
		for _, v := range values {
			for _, token := range tokens(name, v) {
				add("the credential in the header "+http.CanonicalHeaderKey(name), token)
			}
		}
	}
	return out, short
}

// tokens are the parts of a header that open something.
func tokens(name, value string) []string {
	if !strings.EqualFold(name, "Cookie") {
		if kind, token, ok := strings.Cut(value, " "); ok && (strings.EqualFold(kind, "Bearer") || strings.EqualFold(kind, "Basic") || strings.EqualFold(kind, "Token")) {
			value = strings.TrimSpace(token)
			if pair, err := base64.StdEncoding.DecodeString(value); err == nil && strings.EqualFold(kind, "Basic") {
				if _, password, ok := strings.Cut(string(pair), ":"); ok {
					return []string{value, password}
				}
			}
		}
		return []string{value}
	}
	var out []string
	for part := range strings.SplitSeq(value, ";") {
		if _, v, ok := strings.Cut(part, "="); ok {
			out = append(out, strings.TrimSpace(v))
		}
	}
	return out
}

// forms are the ways in which a credential is written: as it is, encoded for an
// address, for JSON, in base64, and its beginning. Too short ones stand in texts
// by chance.
func forms(value string) []string {
	if len(value) < 8 {
		return nil
	}
	out := []string{value, url.QueryEscape(value), url.PathEscape(value)}
	if quoted, err := json.Marshal(value); err == nil {
		out = append(out, strings.Trim(string(quoted), `"`))
	}
	// Within a longer text it begins at any of three places of a group: what is
	// the same wherever it stands are the groups in its middle.
	for shift := range 3 {
		padded := slices.Concat(make([]byte, shift), []byte(value))
		whole := base64.RawStdEncoding.EncodeToString(padded)
		from, to := (shift*8+5)/6, len(padded)/3*4
		if to-from >= beginning {
			out = append(out, whole[from:to], strings.NewReplacer("+", "-", "/", "_").Replace(whole[from:to]))
		}
	}
	if start := distinctStart(value); len(start) >= beginning {
		out = append(out, start[:beginning])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// distinctStart is a credential from where on it differs from others of its
// kind: all JWTs (RFC 7519) begin alike, their signatures do not.
func distinctStart(value string) string {
	if strings.HasPrefix(value, "eyJ") && strings.Count(value, ".") == 2 {
		return value[strings.LastIndexByte(value, '.')+1:]
	}
	return value
}

// shows reports whether a signal shows texts that the target has written.
func (s Signal) shows() bool {
	return !s.Config.Kind.Counts() && s.Config.Kind != probe.SinkAlertmanager
}

// secrets looks for the drill's credentials in what was read on the way.
func (t *trial) secrets(reason string) {
	all, short := t.credentials()
	for _, w := range t.watches {
		if !w.signal.shows() {
			continue
		}
		subject := subjectOf(t.drill, w.signal)
		found := ""
		for _, one := range all {
			if slices.ContainsFunc(slices.Concat(w.around, w.fresh), one.in) {
				found = one.what
				break
			}
		}
		switch {
		case found != "":
			t.report.Fail(ruleSecret, subject, found+" is in "+w.signal.Source)
		case len(all) == 0 && short:
			t.report.NotApplicable(ruleSecret, subject, "the drill's credentials are too short to be told from other text")
		case len(all) == 0:
			t.report.NotApplicable(ruleSecret, subject, "the drill sends no credential")
		case reason != "" || w.reason != "":
			w.unclear(ruleSecret, subject)
		case !w.seen && !w.live:
			t.report.Inconclusive(ruleSecret, subject, "nothing of the drill was seen there")
		case !w.seen:
			t.report.NotApplicable(ruleSecret, subject, "nothing of the drill is there: mend "+w.signal.rule(t.kind)+" first")
		default:
			t.report.Pass(ruleSecret, subject, "what shows the drill holds none of its credentials")
		}
	}
}

// in reports whether an entry holds the credential in any form.
func (s secret) in(entry string) bool {
	return slices.ContainsFunc(s.forms, func(form string) bool { return strings.Contains(entry, form) })
}
