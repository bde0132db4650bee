package supportcheck

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// Real servers answer links in all the ways in which servers do.
func TestLinksOverTheNetwork(t *testing.T) {
	t.Parallel()
	var silent atomic.Int32
	done := make(chan struct{})
	serve := func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/head-404" && r.Method == http.MethodHead:
			w.WriteHeader(http.StatusNotFound)
		case path == "/loop":
			http.Redirect(w, r, "/loop?again", http.StatusFound)
		case path == "/away":
			http.Redirect(w, r, "/gone", http.StatusMovedPermanently)
		case path == "/soft":
			fmt.Fprint(w, "<title>404 not found</title>")
		case strings.HasPrefix(path, "/silent"):
			silent.Add(1)
			select {
			case <-done:
			case <-r.Context().Done():
			}
		case strings.HasPrefix(path, "/status/"):
			status := 0
			fmt.Sscan(path[len("/status/"):], &status)
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(status)
		case path == "/gone":
			w.WriteHeader(http.StatusNotFound)
		case path == "/endless":
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		case path == "/abort":
			panic(http.ErrAbortHandler)
		}
	}
	clear, secure := httptest.NewServer(http.HandlerFunc(serve)), httptest.NewTLSServer(http.HandlerFunc(serve))
	defer clear.Close()
	defer secure.Close()
	defer close(done)
	address := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	prober, err := probe.New(probe.Config{
		AllowedHosts: []string{"tools.agency.example", "silent.agency.example", "portal.acme.example"}, Resolvers: []string{"127.0.0.1:1"}, Timeout: 500 * time.Millisecond,
		ConnectTo: map[string]string{"tools.agency.example:443": address(secure), "silent.agency.example:443": address(secure), "portal.acme.example:443": address(secure), "tools.agency.example:80": address(clear)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString(sound)
	want := map[string]string{"https://stranger.example/": "inconclusive"}
	for path, status := range map[string]string{
		"/head-404": "", "/loop": "inconclusive", "/away": "fail", "/soft": "", "/gone": "fail", "/endless": "", "/abort": "inconclusive",
		"/status/401": "inconclusive", "/status/403": "inconclusive", "/status/405": "inconclusive", "/status/406": "inconclusive", "/status/410": "fail",
		"/status/429": "inconclusive", "/status/500": "inconclusive", "/status/503": "inconclusive", "/status/999": "inconclusive", "/status/204": "",
	} {
		want["https://tools.agency.example"+path] = status
	}
	for i := range 12 {
		want[fmt.Sprintf("https://silent.agency.example/silent/%d", i)] = "inconclusive"
	}
	for link := range want {
		text.WriteString("\n- <" + link + ">\n")
	}
	text.WriteString("\n- <https://wiki.acme.internal/x>\n- <http://10.1.2.3/x>\n")
	want["https://wiki.acme.internal/x"], want["http://10.1.2.3/x"] = "not_applicable", "not_applicable"
	spec := Spec{Runbook: text.String(), Recheck: -1, Pause: -1, Drill: &Drill{Date: today}}
	result, err := Definition.Execute(t.Context(), prober, spec)
	if err != nil {
		t.Fatal(err)
	}
	if n := silent.Load(); n > 2*maxSilent { // a request may be repeated once
		t.Errorf("a host that says nothing was asked %d times", n)
	}
	got := map[string]string{}
	for _, f := range result.Findings {
		if f.Rule == ruleLinkDead {
			got[f.Subject] = string(f.Status)
		}
	}
	for link, status := range want {
		if got[link] != status {
			t.Errorf("%s: got %q, want %q", link, got[link], status)
		}
	}
}
