package portal

import (
	"io"
	"net/http"
)

// mtaSTS serves the policy that senders of mail to the domain fetch (RFC 8461
// 3.3). The host has nothing else.
func (p *Portal) mtaSTS(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/.well-known/mta-sts.txt" {
		http.NotFound(w, r)
		return
	}
	mode, mx := "enforce", "smtp.google.com"
	switch {
	case p.On(PolicyRedirected):
		http.Redirect(w, r, "https://www."+p.options.Domain+"/mta-sts.txt", http.StatusMovedPermanently)
		return
	case p.On(PolicyPage):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!DOCTYPE html>\n<html><body><h1>Welcome to Acme</h1></body></html>\n") // the visitor has gone if this fails
		return
	case p.On(PolicyForeignMX):
		mx = "mx.former-host.example"
	case p.On(PolicyTesting):
		mode = "testing"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "version: STSv1\nmode: "+mode+"\nmx: "+mx+"\nmax_age: 604800\n") // the visitor has gone if this fails
}
