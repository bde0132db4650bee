package authzcheck

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// publicPaths are the paths that are searched: those that are named, and
// operations that their author calls public. A pattern is searched at its root.
func (t *tester) publicPaths(d *document) []string {
	var out []string
	for _, p := range t.spec.PublicPaths {
		p, _, _ = strings.Cut(p, "*")
		if p != "/" {
			p = strings.TrimSuffix(p, "/")
		}
		out = append(out, p)
	}
	for _, op := range d.all() {
		// The document's own examples are for everybody.
		if op.public && op.method == http.MethodGet && !strings.Contains(op.path, "{") && !strings.HasSuffix(t.spec.OpenAPI.URL, op.path) {
			out = append(out, op.path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// isPublic reports whether a path is named as public.
func (t *tester) isPublic(path string) bool {
	return slices.ContainsFunc(t.spec.PublicPaths, func(p string) bool {
		if base, ok := strings.CutSuffix(p, "/**"); ok {
			return path == base || strings.HasPrefix(path, base+"/")
		}
		return path == p || glob(p, path)
	})
}

// public searches what anyone can read.
func (t *tester) public(d *document) {
	each(t.publicPaths(d), func(path string) {
		subject := fmt.Sprintf("GET %s%s", t.host, (Route{Path: path}).template())
		x := t.stranger(path)
		if there := t.sameHost(x); there != "" && there != path {
			t.extra.Add(1)
			x = t.stranger(there)
		}
		switch reason := undecided(x); {
		case reason != "":
			t.unclear(rulePublic, subject, "anyone is answered "+reason)
			return
		case !success(x) && len(x.Body) == 0:
			t.none(rulePublic, subject, fmt.Sprintf("anyone is answered %s: nothing is shown", said(x)))
			return
		}
		leaks := t.scan(x)
		if len(leaks) == 0 {
			t.pass(rulePublic, subject, "it shows no address, marker, token, invoice or internal id")
			return
		}
		worst := readiness.Medium
		var words []string
		for _, l := range leaks {
			words = append(words, l.what)
			if l.severity.AtLeast(worst) {
				worst = l.severity
			}
		}
		slices.Sort(words)
		t.failAs(rulePublic, subject, worst, "anyone is shown "+strings.Join(slices.Compact(words), "; "))
	})
	t.undeclared(d)
}

// sameHost is where a redirect leads on the portal; empty if it does not.
func (t *tester) sameHost(x probe.Exchange) string {
	if x.Redirect == "" {
		return ""
	}
	to, err := url.Parse(x.Redirect)
	if err != nil || !strings.EqualFold(to.Hostname(), t.host) {
		return ""
	}
	to.Fragment = ""
	return to.RequestURI()
}

// undeclared asks as anyone for operations that nobody has called public and no
// row is about.
func (t *tester) undeclared(d *document) {
	if d == nil || d.problem != "" {
		return
	}
	var open []*operation
	for _, op := range d.all() {
		if op.gap && op.method == http.MethodGet && !strings.Contains(op.path, "{") {
			open = append(open, op)
		}
	}
	found := make([]bool, len(open))
	each(indexes(open), func(i int) {
		x := t.stranger(open[i].path)
		found[i] = success(x) && len(x.Body) > 0 && !looksRefused(x) && !asksPassword(x) &&
			!(success(t.stranger(t.nowhere)) && probe.Similarity(x.Body, t.stranger(t.nowhere).Body) >= 0.95)
	})
	none := true
	for i, op := range open {
		if found[i] {
			none = false
			t.fail(ruleUndeclared, op.subject(t.host), "anyone is answered, and nobody has said that it is public")
		}
	}
	if none {
		t.pass(ruleUndeclared, t.host, "no operation answers anyone without being called public")
	}
}

func indexes[T any](all []T) []int {
	out := make([]int, len(all))
	for i := range out {
		out[i] = i
	}
	return out
}

// asksPassword reports whether a page asks for a password.
func asksPassword(x probe.Exchange) bool {
	return isPage(x) && probe.Classify(x, probe.Reference{LoginPage: &x}) == probe.Denied
}

// isLogin reports whether an answer to the owner is the page to sign in at:
// strangers are shown it too. The page at which a password is changed is not.
func (t *tester) isLogin(r *row, x probe.Exchange) bool {
	if !asksPassword(x) {
		return false
	}
	t.extra.Add(1)
	login := t.stranger(r.request(nil).target)
	if path := r.owner.actor.Portal.SignIn.Path; !success(login) && path != "" {
		t.extra.Add(1)
		login = t.stranger(path)
	}
	if there := t.sameHost(login); there != "" {
		t.extra.Add(1)
		login = t.stranger(there)
	}
	return probe.Classify(x, probe.Reference{LoginPage: &login}) == probe.Denied
}

// glob matches a pattern in which * stands for any run of characters, without
// regard to case.
func glob(pattern, text string) bool {
	pattern, text = strings.ToLower(pattern), strings.ToLower(text)
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}
