package edge

import (
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// service is a hosting service outside of the account. Visitors of a DNS-only
// name that leads to one come to this listener all the same, since everything
// on the ports of the web does; so it speaks for the service: nobody there has
// claimed the name.
type service struct {
	suffix, server, kind string
	page                 string // %s is the name that was asked for
}

func services() []service {
	return []service{
		{
			suffix: ".s3.amazonaws.com", server: "AmazonS3", kind: "application/xml",
			page: `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message><BucketName>%s</BucketName></Error>`,
		},
		{
			suffix: ".github.io", server: "GitHub.com", kind: "text/html; charset=utf-8",
			page: `<!DOCTYPE html>
<html><head><title>Site not found &middot; GitHub Pages</title></head><body><h1>404</h1>
<p><strong>There isn't a GitHub Pages site here.</strong></p><p>%s</p></body></html>
`,
		},
	}
}

// serviceOf returns the service that a DNS-only name leads to.
func serviceOf(z *zone.Zone, host string) (service, bool) {
	for _, r := range z.Records() {
		if r.Name != host || r.Type != "CNAME" || r.Proxied {
			continue
		}
		for _, s := range services() {
			if strings.HasSuffix(canonicalHost(r.Content), s.suffix) {
				return s, true
			}
		}
	}
	return service{}, false
}

func (s service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", s.server)
	w.Header().Set("Content-Type", s.kind)
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprintf(w, s.page, html.EscapeString(canonicalHost(r.Host)))
}
