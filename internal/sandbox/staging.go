package sandbox

import (
	"net"
	"net/http"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

// stagingHost is where a release is tried before production.
func stagingHost(domain string) string { return "staging." + domain }

// beside serves two portals at one origin, by the host that is asked for.
func beside(production, staging *portal.Portal, domain string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if strings.EqualFold(host, stagingHost(domain)) {
			staging.ServeHTTP(w, r)
			return
		}
		production.ServeHTTP(w, r)
	})
}

// stagingSwitch turns on a switch of the portal where releases are tried.
func stagingSwitch(s portal.Switch) step {
	return func(w *world) (func() error, error) {
		w.staging.Set(s, true)
		return func() error { w.staging.Set(s, false); return nil }, nil
	}
}

// released puts another release on one of the two portals.
func released(name string, of func(*world) *portal.Portal) step {
	return func(w *world) (func() error, error) {
		before := of(w).Release()
		of(w).SetRelease(name)
		return func() error { of(w).SetRelease(before); return nil }, nil
	}
}

func production(w *world) *portal.Portal { return w.portal }
func staging(w *world) *portal.Portal    { return w.staging }
