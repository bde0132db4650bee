package edge

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
)

// colo is the data centre of the sandbox, in the place of an airport's code.
const colo = "SBX"

// tracePath is what every proxied host answers by itself.
const tracePath = "/cdn-cgi/trace"

// trace says how the edge sees its visitor, one key=value a line.
func (s *Server) trace(w http.ResponseWriter, r *http.Request, v *visit) {
	secure, sni := "off", "off"
	if r.TLS != nil {
		secure = strings.ReplaceAll(tls.VersionName(r.TLS.Version), "TLS ", "TLSv")
		if r.TLS.ServerName != "" {
			sni = "plaintext"
		}
	}
	now := s.options.Now()
	s.mark(w.Header(), v)
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Cache-Control", "no-cache")
	for _, line := range [][2]string{
		{"fl", "1f1"}, {"h", v.host}, {"ip", v.client}, {"ts", fmt.Sprintf("%d.%03d", now.Unix(), now.UnixMilli()%1000)},
		{"visit_scheme", v.scheme}, {"uag", strings.NewReplacer("\r", "", "\n", "").Replace(r.UserAgent())},
		{"colo", colo}, {"sliver", "none"}, {"http", strings.ToLower(version(r))}, {"loc", "XX"}, {"tls", secure}, {"sni", sni},
		{"warp", "off"}, {"gateway", "off"}, {"rbi", "off"}, {"kex", "none"},
	} {
		fmt.Fprintf(w, "%s=%s\n", line[0], line[1])
	}
}
