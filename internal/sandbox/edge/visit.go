package edge

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/expr"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// visit is one request with what the edge finds out and decides about it. It
// belongs to one goroutine at a time.
type visit struct {
	host     string // canonical
	scheme   string // the visitor's
	client   string // the visitor's address
	ray      string
	zone     *zone.Zone
	settings settings
	origin   string // address or name, without port

	values expr.Values
	target *url.URL // what the origin is asked for, where a rule rewrote it
	skip   map[string]bool
	header []headerChange // of the request to the origin
	cache  cachePlan
	status string // cf-cache-status
	later  []laterCount
}

type contextKey struct{}

func visitOf(ctx context.Context) *visit {
	v, ok := ctx.Value(contextKey{}).(*visit)
	if !ok {
		return &visit{}
	}
	return v
}

// describe fills the fields that expressions can use.
func (v *visit) describe(s *Server, r *http.Request) {
	path, query := normalPath(r.URL.EscapedPath()), r.URL.RawQuery
	headers, names, values := headerFields(r.Header)
	headers["host"] = []string{r.Host}
	cookies := map[string][]string{}
	for _, c := range r.Cookies() {
		cookies[c.Name] = append(cookies[c.Name], c.Value)
	}
	ip, _ := netip.ParseAddr(v.client) // the zero address where there is none
	rawURI := r.URL.RequestURI()
	v.values = expr.Values{
		"http.host": v.host, "http.request.method": r.Method, "http.request.version": version(r),
		"http.cookie": strings.Join(r.Header.Values("Cookie"), "; "), "http.referer": r.Referer(), "http.user_agent": r.UserAgent(),
		"http.x_forwarded_for": strings.Join(r.Header.Values("X-Forwarded-For"), ", "),
		"http.request.headers": headers, "http.request.headers.names": append(names, "host"),
		"http.request.headers.values": append(values, r.Host), "http.request.cookies": cookies,
		"http.request.body.size": max(r.ContentLength, 0), "http.request.timestamp.sec": s.options.Now().Unix(),
		"raw.http.request.uri": rawURI, "raw.http.request.uri.path": r.URL.EscapedPath(), "raw.http.request.uri.query": query,
		"raw.http.request.full_uri": v.scheme + "://" + v.host + rawURI,
		"ssl":                       v.scheme == "https", "ip.src": ip, "ip.src.country": "XX", "ip.geoip.country": "XX",
		"cf.client.bot": false, "cf.bot_management.verified_bot": false, "cf.verified_bot_category": "",
		"cf.bot_management.score": int64(99), "cf.threat_score": int64(0), "cf.ray_id": v.ray[:16], "cf.zone.name": v.zone.Name, "cf.colo.name": colo,
		"cf.waf.credential_check.password_leaked": false,
		"cf.tls_client_auth.cert_verified":        false, "cf.tls_client_auth.cert_presented": false,
	}
	if r.TLS != nil {
		v.values["cf.tls_version"] = strings.ReplaceAll(tls.VersionName(r.TLS.Version), "TLS ", "TLSv")
	}
	v.setURI(path, query)
	score, class := int64(99), "clean"
	if len(attacks(v)) > 0 {
		score, class = 5, "attack"
	}
	v.values["cf.waf.score"], v.values["cf.waf.score.class"] = score, class
}

// setURI fills the fields of the address; a rewrite calls it again.
func (v *visit) setURI(path, query string) {
	uri := path
	if query != "" {
		uri += "?" + query
	}
	extension := ""
	last := path[strings.LastIndexByte(path, '/')+1:]
	if at := strings.LastIndexByte(last, '.'); at >= 0 {
		extension = strings.ToLower(last[at+1:])
	}
	args, names, values := map[string][]string{}, []string{}, []string{}
	for _, pair := range strings.Split(query, "&") {
		if name, text, _ := strings.Cut(pair, "="); name != "" {
			args[name] = append(args[name], text)
			names, values = append(names, name), append(values, text)
		}
	}
	for name, field := range map[string]any{
		"http.request.uri": uri, "http.request.uri.path": path, "http.request.uri.query": query,
		"http.request.full_uri": v.scheme + "://" + v.host + uri, "http.request.uri.path.extension": extension,
		"http.request.uri.args": args, "http.request.uri.args.names": names, "http.request.uri.args.values": values,
	} {
		v.values[name] = field
	}
}

// answered fills the fields of the response.
func (v *visit) answered(resp *http.Response) {
	headers, names, values := headerFields(resp.Header)
	media, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	v.values["http.response.code"] = int64(resp.StatusCode)
	v.values["http.response.headers"], v.values["http.response.headers.names"], v.values["http.response.headers.values"] = headers, names, values
	v.values["http.response.content_type.media_type"] = strings.ToLower(strings.TrimSpace(media))
}

func headerFields(h http.Header) (headers map[string][]string, names, values []string) {
	headers, names, values = map[string][]string{}, []string{}, []string{}
	for name, all := range h {
		headers[strings.ToLower(name)] = all
		for _, one := range all {
			names, values = append(names, strings.ToLower(name)), append(values, one)
		}
	}
	return headers, names, values
}

func version(r *http.Request) string {
	if r.ProtoMajor >= 2 {
		return "HTTP/" + strconv.Itoa(r.ProtoMajor)
	}
	return r.Proto
}

// normalPath is a path as Cloudflare normalises it before rules see it:
// characters that need no escape are unescaped, slashes are merged, dot segments
// are resolved (RFC 3986 6.2.2). The origin is asked for what the visitor sent.
func normalPath(escaped string) string {
	var out strings.Builder
	for i := 0; i < len(escaped); i++ {
		c := escaped[i]
		if c == '%' && i+2 < len(escaped) {
			if b, err := strconv.ParseUint(escaped[i+1:i+3], 16, 8); err == nil {
				if d := byte(b); d < 0x80 && (d >= 'a' && d <= 'z' || d >= 'A' && d <= 'Z' || d >= '0' && d <= '9' || strings.IndexByte("-._~", d) >= 0) {
					out.WriteByte(d)
				} else {
					out.WriteString(strings.ToUpper(escaped[i : i+3]))
				}
				i += 2
				continue
			}
		}
		if c == '\\' {
			c = '/'
		}
		out.WriteByte(c)
	}
	segments := []string{}
	parts := strings.Split(out.String(), "/")
	for i, part := range parts {
		switch {
		case part == "..":
			segments = segments[:max(0, len(segments)-1)]
		case part != "" && part != ".":
			segments = append(segments, part)
			continue
		}
		if i == len(parts)-1 && len(segments) > 0 { // a folder keeps its slash
			segments[len(segments)-1] += "/"
		}
	}
	return "/" + strings.Join(segments, "/")
}
