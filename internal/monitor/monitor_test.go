package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/monitors"
)

const (
	betterToken = "better-token-51f0"
	robotKey    = "u1-robot-key-90ab"
)

// services starts the sandbox's services and returns clients of both.
func services(t *testing.T, o monitors.Options) (*monitors.Server, Backend, Backend) {
	t.Helper()
	o.BetterStackToken, o.UptimeRobotKey = betterToken, robotKey
	s := monitors.New(o)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	quick := Access{Pause: time.Millisecond, Patience: 3 * time.Second}
	better, robot := quick, quick
	better.Token, better.BaseURL = betterToken, server.URL+monitors.BetterStackPath
	robot.Token, robot.BaseURL = robotKey, server.URL+monitors.UptimeRobotPath
	return s, NewBetterStack(better), NewUptimeRobot(robot)
}

func portal(name string) Monitor {
	return Monitor{Name: name, URL: "https://portal.acme.example/", Method: "GET", Interval: 5 * time.Minute, Timeout: 10 * time.Second, Status: []string{"2xx"}, FollowRedirects: true}
}

// What is written is what is read, by every way of reading.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	_, better, robot := services(t, monitors.Options{})
	for _, b := range []Backend{better, robot} {
		for name, change := range map[string]func(*Monitor){
			"plain":       func(*Monitor) {},
			"certificate": func(m *Monitor) { m.CertificateDays = 14 },
			"paused":      func(m *Monitor) { m.Paused = true },
			"headers":     func(m *Monitor) { m.Headers = map[string]string{"X-A": "1", "X-B": "<two>"} },
			"regions":     func(m *Monitor) { m.Regions = []string{"as", "eu"} },
			"codes":       func(m *Monitor) { m.Status = []string{"200", "401"} },
			"insecure":    func(m *Monitor) { m.IgnoreTLS, m.FollowRedirects = true, false },
			"body": func(m *Monitor) {
				m.Body, m.Status = `all "well" & good`, defaultOf(b)
			},
		} {
			want := portal(name)
			change(&want)
			made, err := b.Create(context.Background(), want)
			if err != nil {
				t.Fatalf("%s %s: %v", b.Name(), name, err)
			}
			want.ID = made.ID
			read, err := b.Read(context.Background(), made.ID)
			if err != nil {
				t.Fatal(err)
			}
			found, err := Find(context.Background(), b, name)
			if err != nil {
				t.Fatal(err)
			}
			for way, got := range map[string]Monitor{"create": made.Monitor, "read": read.Monitor, "find": found.Monitor} {
				got.Contacts = nil
				if want.Regions == nil {
					got.Regions = nil // the service's choice
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s %s by %s (-want +got):\n%s", b.Name(), name, way, d)
				}
			}
			if name == "headers" {
				want.Headers = map[string]string{"X-B": "3", "X-C": "4"}
				after, err := b.Update(context.Background(), want)
				if err != nil || !cmp.Equal(after.Headers, want.Headers) {
					t.Errorf("%s: headers %v, %v", b.Name(), after.Headers, err)
				}
			}
			if err := b.Delete(context.Background(), made.ID); err != nil {
				t.Error(err)
			}
			if err := b.Delete(context.Background(), made.ID); err != nil {
				t.Errorf("deleting what is gone: %v", err)
			}
			if _, err := b.Read(context.Background(), made.ID); !IsNotFound(err) {
				t.Errorf("reading what is gone: %v", err)
			}
		}
	}
}

func defaultOf(b Backend) []string {
	if b.Name() == BetterStackName {
		return nil
	}
	return []string{"2xx"}
}

// Every page is read, and names that several have are no name.
func TestListPages(t *testing.T) {
	t.Parallel()
	_, better, robot := services(t, monitors.Options{Page: 7, UptimeRobotCalls: 1000, UptimeRobotWindow: time.Minute})
	for b, n := range map[Backend]int{better: 260, robot: 40} {
		for i := range n {
			if _, err := b.Create(context.Background(), portal(fmt.Sprintf("m%03d", i%(n-1)))); err != nil {
				t.Fatal(err)
			}
		}
		all, err := b.List(context.Background())
		if err != nil || len(all) != n || !slices.IsSortedFunc(all, func(a, b Seen) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: %d of %d, %v", b.Name(), len(all), n, err)
		}
		if _, err := Find(context.Background(), b, "m000"); err == nil || !strings.Contains(err.Error(), "2 monitors have that name") {
			t.Errorf("%s: two of a name: %v", b.Name(), err)
		}
		if _, err := Find(context.Background(), b, "nobody"); !IsNotFound(err) {
			t.Errorf("%s: %v", b.Name(), err)
		}
	}
}

// What services answer when they are not well.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault monitors.Fault
		fails bool
		want  string // in error and advice
		calls int
	}{
		"a limit that passes":      {monitors.Fault{Method: "GET", Status: 429, RetryAfter: 1, Count: 1}, false, "", 2},
		"a limit as a page":        {monitors.Fault{Method: "GET", Status: 429, Body: "html", RetryAfter: 1, Count: 1}, false, "", 2},
		"a limit that lasts":       {monitors.Fault{Method: "GET", Status: 429, RetryAfter: 3600}, true, "Try again in 1h0m0s", 1},
		"a page":                   {monitors.Fault{Method: "GET", Status: 200, Body: "html"}, true, "web page", 1},
		"a page that is not found": {monitors.Fault{Method: "GET", Status: 404, Body: "html"}, true, "web page", 1},
		"a fault that passes":      {monitors.Fault{Method: "GET", Status: 502, Body: "html", Count: 2}, false, "", 3},
		"a fault that stays":       {monitors.Fault{Method: "GET", Status: 503, Body: "text"}, true, "fault of its own", 3},
		"a fault for an hour":      {monitors.Fault{Method: "GET", Status: 503, Body: "text", RetryAfter: 3600}, true, "fault of its own", 1},
		"an answer cut short":      {monitors.Fault{Method: "GET", Status: 200, Body: "broken"}, true, "cannot be read", 1},
		"a refusal":                {monitors.Fault{Method: "GET", Status: 401}, true, "LAUNCHREADY_MONITORS", 1},
		"a redirect":               {monitors.Fault{Method: "GET", Status: 302}, true, "answered 302", 1},
		"a creation that was lost": {monitors.Fault{Method: "POST", Status: 502, After: true}, true, "what is there is looked at first", 1},
		"a creation at the limit":  {monitors.Fault{Method: "POST", Status: 429, RetryAfter: 1, Count: 1}, false, "", 2},
		"a change that failed":     {monitors.Fault{Method: "PATCH", Status: 500, Count: 1}, false, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, better, robot := services(t, monitors.Options{})
			for _, b := range []Backend{better, robot} {
				m, err := b.Create(context.Background(), portal("portal"))
				if err != nil {
					t.Fatal(err)
				}
				if err := s.SetFaults([]monitors.Fault{test.fault}); err != nil {
					t.Fatal(err)
				}
				before := s.Calls()[b.Name()+" "+test.fault.Method]
				switch test.fault.Method {
				case "POST":
					_, err = b.Create(context.Background(), portal("other"))
				case "PATCH":
					_, err = b.Update(context.Background(), m.Monitor)
				default:
					_, err = b.Read(context.Background(), m.ID)
				}
				if made := s.Calls()[b.Name()+" "+test.fault.Method] - before; made != test.calls {
					t.Errorf("%s: %d calls, want %d", b.Name(), made, test.calls)
				}
				_ = s.SetFaults(nil)
				if !test.fails {
					if err != nil {
						t.Errorf("%s: %v", b.Name(), err)
					}
					continue
				}
				e, ok := err.(*Error) //nolint:errorlint // nothing may be wrapped around it
				if !ok || !strings.Contains(e.Error()+" "+e.Advice(), test.want) {
					t.Errorf("%s: %v; want %q", b.Name(), err, test.want)
				}
				if IsNotFound(err) {
					t.Errorf("%s: %v counts as gone", b.Name(), err)
				}
				if text := fmt.Sprintf("%v %v", err, ok && e != nil && e.Advice() != ""); strings.Contains(text, betterToken) || strings.Contains(text, robotKey) {
					t.Errorf("%s: a credential in %s", b.Name(), text)
				}
			}
		})
	}
}

// What a service refuses points at the argument, and repeats no credential.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ backend, body, message, field string }{
		{BetterStackName, `{"errors":{"check_frequency":["is not included in the list"],"url":["is invalid"]}}`, "check_frequency is not included in the list; url is invalid", "interval"},
		{BetterStackName, `{"errors":"Resource with provided ID was not found"}`, "Resource with provided ID was not found", ""},
		{BetterStackName, `{"errors":["one","two"]}`, "one; two", ""},
		{BetterStackName, `{"error":"no"}`, "no", ""},
		{BetterStackName, `[]`, "unprocessable entity", ""},
		{BetterStackName, `{"errors":"token ` + betterToken + ` is bad"}`, "token [redacted] is bad", ""},
		{UptimeRobotName, `{"statusCode":400,"message":["interval must not be less than 300"],"error":"Bad Request"}`, "interval must not be less than 300", "interval"},
		{UptimeRobotName, `{"message":"You have reached your monitor limit."}`, "You have reached your monitor limit.", ""},
		{UptimeRobotName, `{"error":"Forbidden"}`, "Forbidden", ""},
		{UptimeRobotName, `"text"`, "unprocessable entity", ""},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "alert-contacts") {
				_, _ = w.Write([]byte("[]"))
				return
			}
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = w.Write([]byte(test.body))
		}))
		b := NewBetterStack(Access{Token: betterToken, BaseURL: server.URL})
		if test.backend == UptimeRobotName {
			b = NewUptimeRobot(Access{Token: robotKey, BaseURL: server.URL})
		}
		_, err := b.Create(context.Background(), portal("portal"))
		e, ok := err.(*Error) //nolint:errorlint // nothing may be wrapped around it
		if !ok || e.Message != test.message || e.Field != test.field || e.Uncertain {
			t.Errorf("%s: %+v", test.body, err)
		}
		server.Close()
	}
}

// A list that never ends is an error, and a link that leads elsewhere is not followed.
func TestListWithoutEnd(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	page := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page++
		if strings.HasSuffix(r.URL.Path, "alert-contacts") {
			_, _ = w.Write([]byte("[]"))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"data": []any{map[string]any{"id": page, "attributes": map[string]any{}}}, "pagination": map[string]any{"next": other.URL}, "nextLink": fmt.Sprintf("%s/?cursor=%d", other.URL, page),
		})
	}))
	defer server.Close()
	for _, b := range []Backend{NewBetterStack(Access{Token: betterToken, BaseURL: server.URL}), NewUptimeRobot(Access{Token: robotKey, BaseURL: server.URL})} {
		if _, err := b.List(context.Background()); err == nil || !strings.Contains(err.Error(), "no end") {
			t.Errorf("%s: %v", b.Name(), err)
		}
	}
	if elsewhere.Load() > 0 {
		t.Error("a link was followed")
	}
}

// The account's plan and contacts are part of what UptimeRobot allows.
func TestUptimeRobotLimits(t *testing.T) {
	t.Parallel()
	_, _, robot := services(t, monitors.Options{UptimeRobotPlan: "free", Contacts: []string{"a@b.example"}})
	l, err := robot.Limits(context.Background())
	if err != nil || l.Monitors != 50 || l.MinInterval != 5*time.Minute {
		t.Fatalf("%+v, %v", l, err)
	}
	m := portal("x")
	m.Interval, m.Contacts = time.Minute, []string{"nobody@b.example"}
	if got := fields(l.Problems("uptimerobot", m)); got != "interval contacts" {
		t.Errorf("problems with %s", got)
	}
	made, err := robot.Create(context.Background(), portal("y"))
	if err != nil || !slices.Equal(made.Contacts, []string{"a@b.example"}) {
		t.Errorf("who is alerted: %v, %v", made.Contacts, err)
	}
}

func fields(problems []Problem) string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Field)
	}
	return strings.Join(out, " ")
}

func TestProblems(t *testing.T) {
	t.Parallel()
	better, _ := NewBetterStack(Access{}).Limits(context.Background())
	pro := Limits{Plan: "plan pro of acme.example", MinInterval: time.Minute, MaxInterval: time.Hour, MinTimeout: time.Second, MaxTimeout: 10 * time.Second, Methods: []string{"GET", "HEAD"}, Classes: true, Address: true, NameCharacters: "-_", FixedHeaders: []string{"User-Agent"}, Regions: []string{"WEU"}}
	for name, test := range map[string]struct {
		limits Limits
		change func(*Monitor)
		want   string
	}{
		"as it should be":            {better, func(*Monitor) {}, ""},
		"not at all":                 {Limits{Unavailable: "No."}, func(*Monitor) {}, "backend"},
		"an interval between":        {better, func(m *Monitor) { m.Interval = 70 * time.Second }, "interval"},
		"half a second":              {pro, func(m *Monitor) { m.Timeout = 1500 * time.Millisecond }, "timeout"},
		"too often":                  {pro, func(m *Monitor) { m.Interval = 30 * time.Second }, "interval"},
		"too seldom":                 {pro, func(m *Monitor) { m.Interval = 2 * time.Hour }, "interval"},
		"longer than the interval":   {better, func(m *Monitor) { m.Interval, m.Timeout = 30*time.Second, 30*time.Second }, "timeout"},
		"a class":                    {better, func(m *Monitor) { m.Status = []string{"3xx"} }, "expect.status"},
		"a class and a code":         {better, func(m *Monitor) { m.Status = []string{"2xx", "301"} }, "expect.status"},
		"body and status":            {better, func(m *Monitor) { m.Body = "x" }, "expect.body"},
		"the body of HEAD":           {pro, func(m *Monitor) { m.Method, m.Body = "HEAD", "x" }, "expect.body"},
		"a method":                   {pro, func(m *Monitor) { m.Method = "POST" }, "method"},
		"days":                       {better, func(m *Monitor) { m.CertificateDays = 21 }, "expect.certificate_days"},
		"days of plain HTTP":         {better, func(m *Monitor) { m.URL, m.CertificateDays = "http://a.example/", 14 }, "expect.certificate_days"},
		"days where nobody looks":    {pro, func(m *Monitor) { m.CertificateDays = 14 }, "expect.certificate_days"},
		"a region":                   {pro, func(m *Monitor) { m.Regions = []string{"eu"} }, "regions"},
		"an address":                 {better, func(m *Monitor) { m.Address = "192.0.2.1" }, "address"},
		"a name":                     {pro, func(m *Monitor) { m.Name = "the portal" }, "name"},
		"contacts of policies":       {pro, func(m *Monitor) { m.Contacts = []string{"x"} }, "contacts"},
		"two escalation policies":    {better, func(m *Monitor) { m.Contacts = []string{"1", "2"} }, "contacts"},
		"a header that is not yours": {pro, func(m *Monitor) { m.Headers = map[string]string{"User-Agent": "x"} }, "headers"},
	} {
		m := portal("portal")
		test.change(&m)
		problems := test.limits.Problems("service", m)
		if got := fields(problems); got != test.want {
			t.Errorf("%s: %q, want %q: %v", name, got, test.want, problems)
		}
	}
}

func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{`{"errors":{"a":["b"]}}`, `{"errors":"x"}`, `{"message":["interval x"]}`, `{"data":{"id":1,"attributes":{"request_headers":[{"id":2}],"policy_id":3}}}`, `{"id":"1","regionalData":"eu","keywordType":null}`, `[]`, `null`, `<html>`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(_ *testing.T, body []byte) {
		explainBetterStack(body)
		explainUptimeRobot(body)
		var one betterStackOne
		if json.Unmarshal(body, &one) == nil {
			one.Data.seen()
		}
		var w uptimeRobotMonitor
		if json.Unmarshal(body, &w) == nil {
			new(uptimeRobot).seen(w, nil)
		}
	})
}
