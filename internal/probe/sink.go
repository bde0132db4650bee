package probe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// SinkProber reads the places where a target's signals arrive: its monitoring,
// its logs, the mailbox of those who are woken. They come from the provider's
// configuration: naming one there is the consent to read it, so allowed_hosts
// does not decide. They are only ever read.
type SinkProber interface {
	// Sink returns a reader. Nothing is sent before its first Look.
	Sink(config SinkConfig) Sink
	// AlertRules reads the alerting rules of a Prometheus.
	AlertRules(ctx context.Context, config SinkConfig) AlertRules
	// AlertRouting reads where an Alertmanager sends alerts.
	AlertRouting(ctx context.Context, config SinkConfig) AlertRouting
}

// SinkKind is what speaks at a sink.
type SinkKind string

const (
	SinkPrometheus   SinkKind = "prometheus"   // its HTTP API, and that of what speaks as it does
	SinkMetrics      SinkKind = "metrics"      // Prometheus's text format, scraped directly
	SinkLoki         SinkKind = "loki"         // its HTTP API
	SinkAlertmanager SinkKind = "alertmanager" // its API v2
	SinkSentry       SinkKind = "sentry"       // its API 0, and that of what speaks as it does
	SinkJSON         SinkKind = "json"         // an address that answers with events
	SinkFile         SinkKind = "file"         // a log file on this machine
	SinkWebhook      SinkKind = "webhook"      // an address that answers with the payloads a webhook was sent
	SinkMailbox      SinkKind = "mailbox"      // an IMAP mailbox
)

// SinkKinds are the kinds that a user can configure as a sink.
func SinkKinds() []SinkKind {
	return []SinkKind{SinkPrometheus, SinkMetrics, SinkLoki, SinkAlertmanager, SinkSentry, SinkJSON, SinkFile, SinkWebhook}
}

// Counts reports whether a sink of the kind answers with a number; all others
// answer with entries.
func (k SinkKind) Counts() bool { return k == SinkPrometheus || k == SinkMetrics }

// String is the kind as people call it.
func (k SinkKind) String() string {
	names := map[SinkKind]string{
		SinkPrometheus: "Prometheus", SinkMetrics: "the metrics endpoint", SinkLoki: "Loki", SinkAlertmanager: "Alertmanager", SinkSentry: "Sentry",
		SinkJSON: "the JSON endpoint", SinkFile: "the file", SinkWebhook: "the webhook inbox", SinkMailbox: "the mailbox",
	}
	if name := names[k]; name != "" {
		return name
	}
	return string(k)
}

// SinkConfig says where a sink is and how one reads it.
type SinkConfig struct {
	Kind SinkKind
	// URL is the base of the API (prometheus, loki, alertmanager, sentry), or the
	// address itself (metrics, json, webhook).
	URL                   string
	Path                  string      // file
	Header                http.Header // that authenticate
	Tenant                string      // loki: X-Scope-OrgID
	Organization, Project string      // sentry
	Account               MailAccount // mailbox
}

// SinkHeader returns the headers of usual credentials.
func SinkHeader(bearer, username, password string, more map[string]string) http.Header {
	h := http.Header{}
	if bearer != "" {
		h.Set("Authorization", "Bearer "+bearer)
	}
	if username != "" || password != "" {
		r := http.Request{Header: h}
		r.SetBasicAuth(username, password)
	}
	for name, value := range more {
		h.Set(name, value)
	}
	return h
}

// Validate returns what cannot work, in words for the user.
func (c SinkConfig) Validate() error {
	if c.Kind != SinkMailbox && !slices.Contains(SinkKinds(), c.Kind) {
		var known []string
		for _, k := range SinkKinds() {
			known = append(known, string(k))
		}
		return fmt.Errorf("type %q is unknown: write one of %s", string(c.Kind), strings.Join(known, ", "))
	}
	switch c.Kind {
	case SinkFile:
		if c.Path == "" {
			return errors.New("a sink of type file needs path")
		}
		return nil
	case SinkMailbox:
		return ValidMailServer(c.Account.Server)
	}
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		return fmt.Errorf("a sink of type %s needs url", string(c.Kind))
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return errors.New("url is no address such as https://prometheus.acme.example") // not shown: it may hold a password
	case u.User != nil:
		return errors.New("url holds credentials: put them into username and password, or bearer_token")
	case c.Kind == SinkSentry && (c.Organization == "" || c.Project == ""):
		return errors.New("a sink of type sentry needs organization and project")
	}
	return nil
}

// String keeps the credentials out of whatever prints a configuration.
func (c SinkConfig) String() string   { return string(c.Kind) + " sink" }
func (c SinkConfig) GoString() string { return c.String() }

// SinkQuery is what is asked of a sink.
type SinkQuery struct {
	// Query is in the sink's language: PromQL; a selector of metrics as in PromQL;
	// LogQL; a matcher of Alertmanager's such as severity="page"; a search of
	// Sentry's; a JSON pointer (RFC 6901) to the list of events. Empty = all.
	Query string
	// Text must stand in an entry; empty = any.
	Text string
	// Since bounds what is searched where the sink keeps times (loki): zero = a day.
	Since time.Time
	// At asks for a number as it was then (prometheus); zero = now.
	At time.Time
	// Around asks for Around in the answer.
	Around bool
}

// SinkReading is what one look at a sink showed. Failure is empty if it could be
// read. Detail is the same for the same fault and holds no credential.
type SinkReading struct {
	Failure FailureKind
	Detail  string

	Value  float64 // of a sink that counts: the sum of the series found
	Series int     // how many those are

	Entries []string // that hold the text, oldest first
	// Around are all entries that came since the sink was first looked at, or
	// since Since, those of others too.
	Around []string
	// Live says that the sink shows recent data of others, or that it is known to
	// be the right one although it is empty: what it does not show is not there.
	Live bool
}

// Failed reports whether the sink could not be read.
func (r SinkReading) Failed() bool { return r.Failure != FailNone }

// Sink reads one place. It may remember between two looks what was there at the
// first one. It is not safe for concurrent use.
type Sink interface {
	Kind() SinkKind
	Look(ctx context.Context, q SinkQuery) SinkReading
	Close()
}

// Bounds of what is read of a sink at once.
const (
	maxSinkBody    = 8 << 20
	maxSinkEntries = 1000
	sinkDay        = 24 * time.Hour // what counts as recent
)

// Sink implements SinkProber.
func (c *Client) Sink(config SinkConfig) Sink {
	if err := config.Validate(); err != nil {
		return brokenSink{config.Kind, err.Error()}
	}
	base := httpSink{client: c, config: config}
	switch config.Kind {
	case SinkPrometheus:
		return &prometheusSink{base}
	case SinkMetrics:
		return &metricsSink{base}
	case SinkLoki:
		return &lokiSink{base}
	case SinkAlertmanager:
		return &alertmanagerSink{base}
	case SinkSentry:
		return &sentrySink{base}
	case SinkFile:
		return &fileSink{path: config.Path, now: c.Now}
	case SinkMailbox:
		return &mailboxSink{client: c, account: config.Account}
	default:
		return &jsonSink{httpSink: base}
	}
}

// brokenSink is a configuration that cannot work.
type brokenSink struct {
	kind   SinkKind
	reason string
}

func (b brokenSink) Kind() SinkKind { return b.kind }
func (b brokenSink) Close()         {}
func (b brokenSink) Look(context.Context, SinkQuery) SinkReading {
	return SinkReading{Failure: FailOther, Detail: b.reason}
}

// httpSink is what sinks have in common that are reached over HTTP.
type httpSink struct {
	client *Client
	config SinkConfig
}

// Kind implements Sink.
func (s *httpSink) Kind() SinkKind { return s.config.Kind }

// Close implements Sink.
func (s *httpSink) Close() {}

// get asks for a path below the sink's base; an empty path is the base itself.
// accept is the media type wanted.
func (s *httpSink) get(ctx context.Context, path string, query url.Values, accept string) (Exchange, SinkReading) {
	u, err := url.Parse(s.config.URL)
	if err != nil {
		return Exchange{}, SinkReading{Failure: FailOther, Detail: errScheme.Error()}
	}
	if path != "" {
		u = u.JoinPath(path)
	}
	all := u.Query()
	maps.Copy(all, query)
	u.RawQuery = all.Encode()
	header := s.config.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Accept", accept)
	if s.config.Tenant != "" {
		header.Set("X-Scope-OrgID", s.config.Tenant)
	}
	x := s.client.Fetch(ctx, Request{URL: u.String(), Header: header, MaxBody: maxSinkBody, Reuse: true, Retry: true, sink: true})
	return x, s.failed(x)
}

// failed says why an answer cannot be used; no failure if it can. Status 400 and
// 422 are the caller's: the sink has something to say about the query.
func (s *httpSink) failed(x Exchange) SinkReading {
	who := s.config.Kind.String()
	fail := func(kind FailureKind, format string, args ...any) SinkReading {
		return SinkReading{Failure: kind, Detail: who + " " + fmt.Sprintf(format, args...)}
	}
	switch {
	case x.Status == 0:
		return fail(x.Failure, "cannot be reached: %s", x.Detail)
	case x.Failure != FailNone:
		return fail(x.Failure, "broke off its answer: %s", x.Detail)
	case x.Status == http.StatusUnauthorized, x.Status == http.StatusForbidden:
		return fail(FailAuth, "refuses the credentials (%d)", x.Status)
	case x.Status == http.StatusNotFound:
		return fail(FailProtocol, "does not know the address (404): check url")
	case x.Redirect != "":
		return fail(FailProtocol, "answers with a redirect (%d), which is not followed with credentials: write the address where it leads, or sign in", x.Status)
	case x.Throttled():
		return fail(FailTimeout, "wants fewer requests (%d)", x.Status)
	case x.Status == http.StatusBadRequest, x.Status == http.StatusUnprocessableEntity:
		return SinkReading{}
	case x.Status < 200 || x.Status > 299:
		return fail(FailProtocol, "answers %d", x.Status)
	case x.Truncated:
		return fail(FailProtocol, "answers with more than 8 MB: narrow the query")
	case strings.Contains(strings.ToLower(x.Header.Get("Content-Type")), "text/html"):
		return fail(FailProtocol, "answers with a page for people: check url, and whether a sign-in is in front of it")
	}
	return SinkReading{}
}

// unreadable is an answer that is not what the sink's interface has.
func (s *httpSink) unreadable(what string) SinkReading {
	return SinkReading{Failure: FailProtocol, Detail: s.config.Kind.String() + " answers " + what}
}

// minSecret is the length from which the value of a header may be a credential;
// shorter ones stand in texts by chance.
const minSecret = 4

// told is a text of the sink's about a query, short and without the credentials.
func (s *httpSink) told(text string) string {
	for _, values := range s.config.Header {
		for _, v := range values {
			for _, secret := range []string{v, v[strings.LastIndexByte(v, ' ')+1:]} { // with its scheme, and without
				if len(secret) >= minSecret {
					text = strings.ReplaceAll(text, secret, "...")
				}
			}
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "..."
	}
	return text
}
