package deploycheck

import (
	"net/http"
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
		known   bool
	}{
		"a version":                           {json(`{"version":"1.4.2"}`), VersionSource{}, "1.4.2", true},
		"a version and a commit":              {json(`{"version":"1.4.2","commit":"1f0c9ab22d"}`), VersionSource{}, "1.4.2 1f0c9ab22d", true},
		"another commit of the version":       {json(`{"version":"1.4.2","commit":"77aa9ab22d"}`), VersionSource{}, "1.4.2 77aa9ab22d", true},
		"a header of what is refused":         {portal(answers{"/": "403 no"}, map[string]string{"X-Release": "v1.4.2"}), VersionSource{}, "v1.4.2", true},
		"where the user says":                 {json(`{"version":"1.4.2","built":"blue"}`), VersionSource{Pointer: "/built"}, "blue", true},
		"two that are live":                   {turn(json(`{"version":"1.4.1"}`), json(`{"version":"1.4.2"}`)), VersionSource{}, "1.4.1 1.4.2", true},
		"none":                                {portal(answers{"/": "<html><title>Portal</title></html>"}, nil), VersionSource{}, "", true},
		"none where the user says":            {json(`{"version":"1.4.2"}`), VersionSource{Header: "X-Built"}, "", true},
		"down":                                {down, VersionSource{}, "", false},
		"no answer":                           {nil, VersionSource{}, "", false},
		"one answer of several does not tell": {turn(json(`{"version":"1.4.2"}`), json(`{"version":"1.4.2"}`), down), VersionSource{Pointer: "/version"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{hosts: map[string]http.HandlerFunc{live: test.site}}
			release, known := Live(t.Context(), w, "https://"+live+"/", test.from)
			if release != test.release || known != test.known {
				t.Errorf("%q %v, want %q %v", release, known, test.release, test.known)
			}
		})
	}
}
