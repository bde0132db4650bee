package obscheck

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// The word of a sink is weighed: what must be there, what must not, and what
// cannot be told.
func TestSignals(t *testing.T) {
	unreadable := func(kind probe.FailureKind, detail string) func(*world, int, probe.SinkQuery) probe.SinkReading {
		return func(*world, int, probe.SinkQuery) probe.SinkReading {
			return probe.SinkReading{Failure: kind, Detail: detail}
		}
	}
	for name, test := range map[string]struct {
		kind   probe.SinkKind
		look   func(*world, int, probe.SinkQuery) probe.SinkReading
		change func(*Drill)
		answer func(int, probe.Request) probe.Exchange
		want   string // of the signal
		sends  int    // requests
	}{
		"the mark is there":            {kind: probe.SinkFile, look: entries(true, "other", soundLine), want: "pass the drill shows in it", sends: 3},
		"the mark is not":              {kind: probe.SinkFile, look: entries(true, "other"), want: "fail the drill did not show in it in time, and other data are there", sends: 3},
		"an empty tenant":              {kind: probe.SinkLoki, look: entries(false), want: "inconclusive the drill does not show, and Loki has no other recent data either: it is not known to be the right place", sends: 3},
		"credentials refused":          {kind: probe.SinkLoki, look: unreadable(probe.FailAuth, "Loki refuses the credentials (401)"), want: "inconclusive Loki refuses the credentials (401)"},
		"a number that rises":          {kind: probe.SinkPrometheus, look: numbers(7, 8, 10), want: "pass the drill shows in it", sends: 3},
		"a number that rises too late": {kind: probe.SinkPrometheus, look: numbers(7, 9), want: "fail the number did not rise by what the drill caused", sends: 3},
		"a counter that began anew":    {kind: probe.SinkPrometheus, look: numbers(700, 3), want: "pass the drill shows in it", sends: 3},
		"a counter anew, with too few": {kind: probe.SinkPrometheus, look: numbers(700, 2), want: "fail the number did not rise by what the drill caused", sends: 3},
		"a given increase":             {kind: probe.SinkPrometheus, look: numbers(7, 8), change: func(d *Drill) { d.Signals[0].Increase = 1 }, want: "pass the drill shows in it", sends: 3},
		"a search that finds all": {kind: probe.SinkSentry, look: func(_ *world, _ int, q probe.SinkQuery) probe.SinkReading {
			return probe.SinkReading{Live: true, Entries: []string{"searched: " + q.Text}}
		}, want: "inconclusive the mark is there before the drill: what is searched shows every text that it is asked for"},
		"a path that is not there": {kind: probe.SinkFile, look: entries(true, soundLine), answer: status(404), want: "inconclusive the drill did not happen: 404 says that there is nothing at the address for this method", sends: 1},
		"another status": {kind: probe.SinkFile, look: entries(true, soundLine), change: func(d *Drill) { d.Request.Expect = []int{403} },
			want: "inconclusive the drill did not happen: the answer is 401, which expect_status does not list", sends: 1},
		"a sign-in that succeeds": {kind: probe.SinkFile, look: entries(true, soundLine), answer: status(200), want: "inconclusive the drill did not happen: a sign-in with a made-up password is answered with 200; name such a refusal in expect_status", sends: 1},
		"no answer": {kind: probe.SinkFile, look: entries(true, soundLine), answer: func(int, probe.Request) probe.Exchange {
			return probe.Exchange{Failure: probe.FailRefused, Detail: "connection refused"}
		}, want: "inconclusive the drill did not happen: connection refused", sends: 1},
		"a brake that lets go": {kind: probe.SinkFile, look: entries(true, soundLine), answer: func(n int, _ probe.Request) probe.Exchange {
			if n == 1 {
				return probe.Exchange{Status: 429, Header: http.Header{"Retry-After": {"0"}}}
			}
			return probe.Exchange{Status: 401, Header: http.Header{}}
		}, want: "pass the drill shows in it", sends: 4},
		"a brake that stays": {kind: probe.SinkFile, look: entries(true, soundLine), answer: func(int, probe.Request) probe.Exchange {
			return probe.Exchange{Status: 429, Header: http.Header{"Retry-After": {"0"}}}
		}, want: "inconclusive the drill did not happen: too many requests had been made before", sends: 2},
		"an alert by its name": {kind: probe.SinkWebhook, change: func(d *Drill) { d.Signals[0].Text = "Spike" }, look: func(w *world, _ int, _ probe.SinkQuery) probe.SinkReading {
			out := probe.SinkReading{Live: true, Entries: []string{"Spike of yesterday"}}
			if w.mark() != "" {
				out.Entries = append(out.Entries, "Spike of today")
			}
			return out
		}, want: "pass the drill shows in it", sends: 3},
		"only the alert of yesterday": {kind: probe.SinkWebhook, change: func(d *Drill) { d.Signals[0].Text = "Spike" }, look: func(*world, int, probe.SinkQuery) probe.SinkReading {
			return probe.SinkReading{Live: true, Entries: []string{"Spike of yesterday"}}
		}, want: "fail the drill did not show in it in time, and other data are there", sends: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{sinks: map[string]*fakeSink{"it": {kind: test.kind, look: test.look}}, answer: test.answer}
			d := signIn(signal("it", test.kind))
			if test.change != nil {
				test.change(&d)
			}
			found := judge(t, w, Spec{Drills: []Drill{d}})
			if got := found[d.Signals[0].rule(d.kind())+" sign_in/it"]; got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			if got := len(w.sent()); got != test.sends {
				t.Errorf("%d requests, want %d", got, test.sends)
			}
		})
	}
}

func TestByChance(t *testing.T) {
	for _, test := range []struct{ expected, events, from, to float64 }{
		{0, 1, 0, 0}, {2, 5, 0.05, 0.06}, {0.5, 5, 0, 0.001}, {100, 105, 0.3, 0.4}, {1000, 1005, 0.4, 0.5}, {1000, 1200, 0, 1e-6}, {5, 1, 0.99, 1},
	} {
		if got := byChance(test.expected, test.events); got < test.from || got > test.to {
			t.Errorf("%v of %v: %v", test.events, test.expected, got)
		}
	}
}

// A counter that rises as fast by itself proves nothing.
func TestNoise(t *testing.T) {
	t.Parallel()
	start := time.Now()
	// As many a second as the drill adds in all, and nothing of the drill.
	busy := func(_ *world, _ int, q probe.SinkQuery) probe.SinkReading {
		at := time.Now()
		if !q.At.IsZero() {
			at = q.At
		}
		return probe.SinkReading{Value: 1000 + 100*at.Sub(start).Seconds(), Series: 1, Live: true}
	}
	w := &world{sinks: map[string]*fakeSink{"metrics": {kind: probe.SinkMetrics, look: busy}, "prometheus": {kind: probe.SinkPrometheus, look: busy}}}
	d := signIn(signal("metrics", probe.SinkMetrics), signal("prometheus", probe.SinkPrometheus))
	d.Within = 300 * time.Millisecond
	found := judge(t, w, Spec{Drills: []Drill{d}})
	for _, name := range []string{"metrics", "prometheus"} {
		if got := found["obs.drill_metric sign_in/"+name]; strings.HasPrefix(got, "pass") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Credentials are found in every form, and chance texts are not.
func TestCredentials(t *testing.T) {
	jwt := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZW1iZXJfYSJ9.Zm9vYmFyYmF6cXV4cXV1eHF1dXo"
	for name, test := range map[string]struct {
		line string
		want bool
	}{
		"clean":                     {soundLine, false},
		"the password":              {soundLine[:len(soundLine)-1] + `,"password":"PASSWORD"}`, true},
		"a header":                  {`{"request_id":"MARK","authorization":"Bearer ` + jwt + `"}`, true},
		"the end of a token":        {`{"request_id":"MARK","token":"...Zm9vYmFyYmF6"}`, true},
		"another token of the kind": {`{"request_id":"MARK","token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.aaaaaaaaaaaaaaaa"}`, false},
		"a cookie":                  {`MARK cookie: __Host-session=abcdefghijklmnop; lang=en`, true},
		"the language":              {`MARK lang=en`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{sinks: map[string]*fakeSink{"log": {kind: probe.SinkFile, look: entries(true, test.line)}}}
			d := signIn(signal("log", probe.SinkFile))
			d.Request.Secret = http.Header{"Authorization": {"Bearer " + jwt}, "Cookie": {"__Host-session=abcdefghijklmnop; lang=en"}}
			got := judge(t, w, Spec{Drills: []Drill{d}})["obs.secret_in_logs sign_in/log"]
			if strings.HasPrefix(got, "fail") != test.want || strings.Contains(got, "abcdef") {
				t.Errorf("%q", got)
			}
		})
	}
	for name, test := range map[string]struct{ header, line, want string }{
		"too short":                {"abc", "MARK", "not_applicable the drill's credentials are too short to be told from other text"},
		"the password of a header": {"Basic " + base64.StdEncoding.EncodeToString([]byte("member:correct-horse")), "MARK pw=correct-horse", "fail the credential in the header X-Auth is in log"},
	} {
		w := &world{sinks: map[string]*fakeSink{"log": {kind: probe.SinkFile, look: entries(true, test.line)}}}
		d := signIn(signal("log", probe.SinkFile))
		d.Request.Body, d.Request.Secret = `{"email":"{{mark}}@acme.example","password":"x"}`, http.Header{"X-Auth": {test.header}}
		if got := judge(t, w, Spec{Drills: []Drill{d}})["obs.secret_in_logs sign_in/log"]; got != test.want {
			t.Errorf("%s: got  %q\nwant %q", name, got, test.want)
		}
	}
	value := "s3cr/t+val=e&more"
	for name, text := range map[string]string{
		"in an address": "?p=s3cr%2Ft%2Bval%3De%26more", "in base64": "czNjci90K3ZhbD1lJm1vcmU=", "in base64 within a text": "dXNlcjpzM2NyL3QrdmFsPWUmbW9yZQ==",
		"its beginning": "s3cr/t+val=e...",
	} {
		if !(secret{"it", forms(value)}).in(text) {
			t.Errorf("%s: not found in %q, of %q", name, text, forms(value))
		}
	}
	if len(forms("en")) > 0 {
		t.Error("a short value is looked for")
	}
}

func TestErrorLeak(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"a sentence":  {`{"title":"Internal Server Error","status":500,"request_id":"7f"}`, "pass"},
		"a help page": {"<h1>Something went wrong</h1><p>Please select another page from the list, or go back at any time (10:30).</p>", "pass"},
		"Go":          {"panic: x\n\ngoroutine 7 [running]:\nmain.f()", "fail"},
		"Python":      {"Traceback (most recent call last):\n  File \"/app/views.py\", line 3", "fail"},
		"Node":        {"Error: x\n    at Object.<anonymous> (/srv/app/index.js:3:9)", "fail"},
		"Java":        {"at com.acme.Portal.drill(Portal.java:17)", "fail"},
		"SQL":         {`error in "SELECT id, name FROM members WHERE x"`, "fail"},
		"PostgreSQL":  {`ERROR: duplicate key value violates unique constraint "members_email"`, "fail"},
		"a path":      {`cannot open /var/www/portal/config.php`, "fail"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{sinks: map[string]*fakeSink{"log": {kind: probe.SinkFile, look: entries(true, soundLine)}}, answer: func(int, probe.Request) probe.Exchange {
				return probe.Exchange{Status: 500, Body: []byte(test.body), Header: http.Header{}}
			}}
			d := signIn(signal("log", probe.SinkFile))
			d.Kind = Failed
			if got := judge(t, w, Spec{Drills: []Drill{d}})["obs.error_leak sign_in"]; !strings.HasPrefix(got, test.want) {
				t.Errorf("%q", got)
			}
		})
	}
}

// What a drill needs is said before it is made.
func TestValidate(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Drill)
		want   string
	}{
		"sound":               {func(*Drill) {}, ""},
		"no address":          {func(d *Drill) { d.Request.URL = "/api/login" }, "no address"},
		"a mark in the host":  {func(d *Drill) { d.Request.URL = "https://{{mark}}.acme.example/" }, "in the host"},
		"no signals":          {func(d *Drill) { d.Signals = nil }, "needs signals"},
		"404":                 {func(d *Drill) { d.Request.Expect = []int{404} }, "404"},
		"too many":            {func(d *Drill) { d.Request.Repeat = 21 }, "between 1 and 20"},
		"too long":            {func(d *Drill) { d.Within = time.Hour }, "at most"},
		"no query":            {func(d *Drill) { d.Signals[0] = signal("m", probe.SinkPrometheus); d.Signals[0].Query = "" }, "query"},
		"a text for a number": {func(d *Drill) { d.Signals[0] = signal("m", probe.SinkPrometheus); d.Signals[0].Text = "x" }, "increase"},
		"a number for a text": {func(d *Drill) { d.Signals[0].Increase = 1 }, "increase"},
		"resolved in a log":   {func(d *Drill) { d.Signals[0].Resolved = time.Second }, "resolved_within"},
	} {
		d := signIn(signal("log", probe.SinkFile))
		test.change(&d)
		err := d.Validate()
		if err == nil {
			err = errors.New("")
		}
		if test.want == "" && err.Error() != "" || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKinds(t *testing.T) {
	for _, test := range []struct {
		url    string
		expect []int
		want   Kind
	}{
		{"https://a/api/login", nil, SignIn}, {"https://a/users/sign_in?x={{mark}}", nil, Other}, {"https://a/users/sign-in", nil, SignIn},
		{"https://a/api/invites", []int{202}, Bounce}, {"https://a/api/drill", []int{500, 503}, Failed}, {"https://a/admin", []int{403}, Denied}, {"https://a/x", nil, Other},
	} {
		if got := (Drill{Request: Request{URL: test.url, Expect: test.expect}}).kind(); got != test.want {
			t.Errorf("%s: %s", test.url, got)
		}
	}
}

// Turned off, nothing is sent and nothing passes; without drills, what must be
// shown by one is inconclusive.
func TestWithoutDrills(t *testing.T) {
	w := &world{sinks: map[string]*fakeSink{}}
	for _, status := range judge(t, w, Spec{Disabled: true, Drills: []Drill{signIn(signal("log", probe.SinkFile))}}) {
		if status != "inconclusive the drills are turned off" {
			t.Error(status)
		}
	}
	if len(w.sent()) > 0 {
		t.Error("something was sent")
	}
	got := faults(judge(t, w, Spec{MonitoredHosts: []string{"portal.acme.example"}, RequiredAlerts: []Alert{Spike401}}))
	if diff := cmp.Diff([]string{
		"obs.alert_rules 401_spike: inconclusive nothing is known that may hold an alert for it: there is no sink of type prometheus, no access to Cloudflare's API, no service that monitors, and no drill that shows it",
		"obs.drill_alert portal.acme.example: inconclusive no drill has a signal where somebody is told: a mailbox, or a sink of type webhook",
		"obs.drill_log portal.acme.example: inconclusive no drill has a signal in a log",
		"obs.secret_in_logs portal.acme.example: inconclusive no drill looks into a log",
		"obs.uptime_missing portal.acme.example: inconclusive no service is known that monitors: give the provider access to Cloudflare's API, or to one of monitors",
		"obs.uptime_no_alert portal.acme.example: inconclusive no service is known that monitors: give the provider access to Cloudflare's API, or to one of monitors",
		"obs.uptime_shallow portal.acme.example: inconclusive no service is known that monitors: give the provider access to Cloudflare's API, or to one of monitors",
		"obs.uptime_stale portal.acme.example: inconclusive no service is known that monitors: give the provider access to Cloudflare's API, or to one of monitors",
	}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzEntry(f *testing.F) {
	for _, seed := range []string{soundLine, "plain MARK", `{"a":[{"b":"{\"c\":1}"}]}`, "", "[1,2]"} {
		f.Add(seed, "MARK")
	}
	f.Fuzz(func(_ *testing.T, entry, mark string) {
		lacking(entry, mark, netipAddr(), false, false)
		forgedIn([]string{entry}, mark)
		secret{"", forms(mark)}.in(entry)
	})
}
