package deploycheck

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

func TestLive(t *testing.T) {
	json := func(body string) http.HandlerFunc {
		return portal(answers{"/version": body}, map[string]string{"Content-Type": "application/json"})
	}
	turn := func(all ...http.HandlerFunc) http.HandlerFunc {
		var n atomic.Int64
		return func(w http.ResponseWriter, r *http.Request) { all[int(n.Add(1))%len(all)](w, r) }
	}
	down := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("<html><body>down for maintenance</body></html>"))
	}
	for name, test := range map[string]struct {
		site    http.HandlerFunc
		from    VersionSource
		release string
		unknown string // part of the reason
	}{
		"a version":                           {json(`{"version":"1.4.2"}`), VersionSource{}, "1.4.2", ""},
		"a version and a commit":              {json(`{"version":"1.4.2","commit":"1f0c9ab22d"}`), VersionSource{}, "1.4.2 1f0c9ab22d", ""},
		"another commit of the version":       {json(`{"version":"1.4.2","commit":"77aa9ab22d"}`), VersionSource{}, "1.4.2 77aa9ab22d", ""},
		"a header of what is refused":         {portal(answers{"/": "403 no"}, map[string]string{"X-Release": "v1.4.2"}), VersionSource{}, "v1.4.2", ""},
		"where the user says":                 {json(`{"version":"1.4.2","built":"blue"}`), VersionSource{Pointer: "/built"}, "blue", ""},
		"two that are live":                   {turn(json(`{"version":"1.4.1"}`), json(`{"version":"1.4.2"}`)), VersionSource{}, "", "answers at /version differ: 1.4.1, 1.4.2; either"},
		"none":                                {portal(answers{"/": "<html><title>Portal</title></html>"}, nil), VersionSource{}, "", ""},
		"none where the user says":            {json(`{"version":"1.4.2"}`), VersionSource{Header: "X-Built"}, "", ""},
		"an edge that keeps it":               {portal(answers{"/version": `{"version":"1.4.2"}`}, map[string]string{"Cf-Cache-Status": "HIT"}), VersionSource{}, "", "the edge answers /version from its cache"},
		"an edge that asks for it":            {portal(answers{"/version": `{"version":"1.4.2"}`}, map[string]string{"Cf-Cache-Status": "DYNAMIC"}), VersionSource{}, "1.4.2", ""},
		"an edge without its origin":          {portal(answers{"/version": "502 bad gateway", "/": "502 bad gateway"}, nil), VersionSource{}, "", "/version: it answers 502"},
		"a place that is not well":            {portal(answers{"/healthz": "500 oops", "/": "<html></html>"}, nil), VersionSource{}, "", "/healthz: it answers 500"},
		"not well, but it says":               {portal(answers{"/version": "500 oops", "/healthz": `{"version":"1.4.2"}`}, map[string]string{"Content-Type": "application/json"}), VersionSource{}, "1.4.2", ""},
		"down":                                {down, VersionSource{}, "", "/version: the portal is not available"},
		"no answer":                           {nil, VersionSource{}, "", "no answer in time"},
		"one answer of several does not tell": {turn(json(`{"version":"1.4.2"}`), json(`{"version":"1.4.2"}`), down), VersionSource{Pointer: "/version"}, "", "does not say the release"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{hosts: map[string]http.HandlerFunc{live: test.site}}
			release, err := Live(t.Context(), w, "https://"+live+"/", test.from)
			if release != test.release || (err == nil) != (test.unknown == "") || err != nil && !strings.Contains(err.Error(), test.unknown) {
				t.Errorf("%q %v, want %q %q", release, err, test.release, test.unknown)
			}
			if err != nil && len(w.sent) > 1 && test.site == nil {
				t.Errorf("a site that does not answer was asked %d times", len(w.sent))
			}
		})
	}
}
