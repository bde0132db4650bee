package edgecheck

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Whose answer a page is shows by what is in it; where that cannot be told,
// nothing is concluded from how alike two pages are.
func TestNameless(t *testing.T) {
	t.Parallel()
	layout := "<title>Members</title><p>" + drawn()() + strings.Repeat("<p>The harbour is cleaned up on Saturday, and the vineyards are walked on Sunday. ", 40)
	feed := drawn()
	at := func(control string, body func(member bool) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/members" {
				portal(nil)(w, r)
				return
			}
			w.Header().Set("Cache-Control", control)
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, body(r.Header.Get("Authorization") != ""))
		}
	}
	for name, tt := range map[string]struct {
		app    http.HandlerFunc
		marker string
		want   readiness.Status
		says   string
	}{
		"public": {at("public, max-age=60", func(bool) string { return layout }), "", readiness.NotApplicable, "nothing in it is private"},
		"public with a counter": {at("public, max-age=60", func(member bool) string {
			return layout + map[bool]string{true: "3 minutes ago", false: "2 minutes ago"}[member]
		}), "", readiness.NotApplicable, "nothing in it is private"},
		"public, another text each time": {at("public, max-age=60", func(bool) string { return feed() }), "", readiness.Inconclusive, "give a marker"},
		"a few words are private": {at("", func(member bool) string {
			return layout + map[bool]string{true: "Mira Lindgren, Harbour road, owes twelve crowns"}[member]
		}), "", readiness.Inconclusive, "give a marker"},
		"a few words are private, by marker": {at("", func(member bool) string {
			return layout + map[bool]string{true: "Mira Lindgren, Harbour road, owes twelve crowns"}[member]
		}), "Mira Lindgren", readiness.Fail, "a stranger is given"},
		"a short answer": {at("", func(member bool) string {
			return map[bool]string{true: "member Mira", false: "nobody"}[member]
		}), "", readiness.Fail, "a stranger is given"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := healthy()
			w.app, w.edge.cachePath = tt.app, "/members"
			w.spec = func(s *Spec) {
				s.PrivatePaths, s.StaticPaths, s.Session.Username, s.Session.Marker = []string{"/members"}, nil, "", tt.marker
			}
			if got := w.finding(t, rulePrivateCached); got.Status != tt.want || !strings.Contains(got.Message, tt.says) {
				t.Errorf("%s: %s", got.Status, got.Message)
			}
		})
	}
}

// An address that leads on is not taken for one that refuses.
func TestPrivateLeadsOn(t *testing.T) {
	t.Parallel()
	for to, says := range map[string]string{
		"/account/?token=SECRET": "leads the identity \"member_a\" on to https://" + testHost + "/account/?...: name that address instead",
		"/login?next=/account":   "is not let in: status 301",
	} {
		w := healthy()
		w.app = func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/account" {
				http.Redirect(rw, r, to, http.StatusMovedPermanently)
				return
			}
			portal(nil)(rw, r)
		}
		w.spec = func(s *Spec) { s.PrivatePaths, s.StaticPaths = []string{"/account"}, nil }
		if got := w.finding(t, rulePrivateCached); got.Status != readiness.Inconclusive || !strings.Contains(got.Message, says) {
			t.Errorf("%s: %s", got.Status, got.Message)
		}
	}
}
