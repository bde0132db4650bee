package ratecheck

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestDefinition(t *testing.T) {
	if err := Definition.Validate(); err != nil {
		t.Error(err)
	}
}

// bucket lets a few through each second once it is empty.
func bucket(size int, refill time.Duration, then handler) handler {
	var mu sync.Mutex
	level, at := float64(size), time.Now()
	return func(w http.ResponseWriter, a attempt) {
		mu.Lock()
		level = min(level+float64(time.Since(at))/float64(refill), float64(size))
		at = time.Now()
		empty := level < 1
		if !empty {
			level--
		}
		mu.Unlock()
		if empty {
			tooMany(w, refill)
			return
		}
		then(w, a)
	}
}

// both puts a limit by account and one by address before the sign-in, as a sound
// portal does.
func both(perAccount, perAddress int, span time.Duration) handler {
	return limited(perAddress, span, byIP, failures, limited(perAccount, span, byAccountOf, failures, login))
}

// locks refuses an account for a while, whatever the password is.
func locks(n int, span time.Duration) handler {
	win := newWindow(n, span)
	return func(w http.ResponseWriter, a attempt) {
		if _, over := win.over(a.account()); over {
			w.WriteHeader(http.StatusLocked)
			return
		}
		if failures(a) {
			win.count(a.account())
		}
		login(w, a)
	}
}

// answersFrom answers as the sign-in does until attempts of one visitor are too
// many, and then as told, for a while.
func answersFrom(n int, then handler) handler {
	win := newWindow(n, 1500*time.Millisecond)
	return func(w http.ResponseWriter, a attempt) {
		if _, over := win.over("all"); over {
			then(w, a)
			return
		}
		if failures(a) {
			win.count("all")
		}
		login(w, a)
	}
}

// Sound brakes of every kind are silent.
func TestSound(t *testing.T) {
	t.Parallel()
	page := func(status int, headers map[string]string, body string) handler {
		return func(w http.ResponseWriter, _ attempt) {
			for k, v := range headers {
				w.Header().Set(k, v)
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	marked := plain()
	marked.Marker = "prove-you-are-human"
	for name, test := range map[string]struct {
		handler handler
		e       Endpoint
	}{
		"two counters":                {both(8, 15, 1500*time.Millisecond), endpoint()},
		"two counters, no accounts":   {both(8, 15, 1500*time.Millisecond), strangers()},
		"the address first":           {limited(14, 8*time.Second, byAccountOf, failures, limited(10, 1500*time.Millisecond, byIP, failures, login)), endpoint()},
		"one counter, no account":     {limited(10, 2*time.Second, byIP, always, login), plain()},
		"failures alone count":        {limited(10, 2*time.Second, byIP, failures, login), plain()},
		"a bucket":                    {bucket(10, 250*time.Millisecond, login), plain()},
		"a bucket that leaks 1 in 10": {bucket(10, 100*time.Millisecond, login), plain()},
		"503 with Retry-After":        {answersFrom(10, page(503, map[string]string{"Retry-After": "1"}, "busy")), plain()},
		"a RateLimit header":          {answersFrom(10, page(429, map[string]string{"RateLimit-Reset": "1"}, "busy")), plain()},
		"a declared marker":           {answersFrom(10, page(200, nil, "<p>prove-you-are-human</p>")), marked},
		"a CAPTCHA":                   {answersFrom(10, page(200, nil, `<div class="g-recaptcha"></div>`)), plain()},
		"a field that asks for one":   {answersFrom(10, page(401, nil, `{"captcha_required":true}`)), plain()},
		"Cloudflare's 1015":           {answersFrom(10, page(429, map[string]string{"Server": "cloudflare", "Retry-After": "1"}, "error code: 1015")), plain()},
		"Cloudflare's challenge":      {answersFrom(10, page(403, map[string]string{"Cf-Mitigated": "challenge"}, "")), plain()},
		"a soft lock":                 {locks(8, 2*time.Second), endpointOf(ByAccount)},
		"a soft lock in words":        {answersFrom(10, page(401, nil, "Too many attempts. Your account is locked.")), plain()},
		"a tarpit": {func() handler {
			win := newWindow(6, 1500*time.Millisecond)
			return func(w http.ResponseWriter, a attempt) {
				if _, over := win.over("all"); over {
					time.Sleep(400 * time.Millisecond)
				}
				win.count("all")
				login(w, a)
			}
		}(), plain()},
		"a silent lock": {func() handler {
			win := newWindow(8, 2*time.Second)
			return func(w http.ResponseWriter, a attempt) {
				if _, over := win.over(a.account()); over {
					a.password = ""
				} else if failures(a) {
					win.count(a.account())
				}
				login(w, a)
			}
		}(), endpointOf(ByAccount)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.handler, nil)
			result := w.run(t, test.e)
			if failed, unclear := verdicts(result); len(failed)+len(unclear) > 0 {
				t.Errorf("failed %v, unclear %v\n%s", failed, unclear, explain(result))
			}
		})
	}
}

func endpointOf(s Scope) Endpoint {
	e := endpoint()
	e.Scope = s
	return e
}

// members is a sign-in whose control is behind the same limiter.
func members() Endpoint {
	e := plain()
	e.Control = &Control{URL: e.URL}
	return e
}

// Each fault is found, and nothing else is.
func TestFaults(t *testing.T) {
	t.Parallel()
	const span = 2 * time.Second
	forwarded := func(a attempt) string {
		if v := a.Header.Get("X-Forwarded-For"); v != "" {
			return v
		}
		return a.address
	}
	api := plain()
	api.Kind = API
	for name, test := range map[string]struct {
		handler handler
		e       Endpoint
		route   func(string) bool
		fails   string
	}{
		"no limit":           {login, plain(), nil, "missing"},
		"no limit, accounts": {login, endpoint(), nil, "missing"},
		"no limit of an API": {func(http.ResponseWriter, attempt) {}, api, nil, "missing"},
		"one answer is held": {func(w http.ResponseWriter, a attempt) {
			if a.n == 12 {
				tooMany(w, time.Second)
				return
			}
			login(w, a)
		}, plain(), nil, "missing"},
		"late":                       {limited(34, 4*time.Second, byIP, always, login), plain(), nil, "late"},
		"by address alone":           {limited(12, time.Second, byIP, failures, login), endpoint(), nil, "account_missing"},
		"by account alone":           {limited(8, span, byAccountOf, failures, login), endpoint(), nil, "ip_missing"},
		"by account, none given":     {limited(8, span, byAccountOf, failures, login), strangers(), nil, "ip_missing"},
		"X-Forwarded-For":            {limited(8, span, forwarded, always, login), plain(), nil, "header_bypass"},
		"any header":                 {limited(8, span, func(a attempt) string { return a.address + a.Header.Get("Forwarded") + a.Header.Get("True-Client-Ip") }, always, login), plain(), nil, "header_bypass"},
		"the name of the program":    {limited(8, span, func(a attempt) string { return a.address + a.UserAgent() }, always, login), plain(), nil, "header_bypass"},
		"a case of the path":         {limited(8, span, func(a attempt) string { return a.URL.Path }, always, login), plain(), func(p string) bool { return strings.EqualFold(p, "/api/login") }, "path_bypass"},
		"a case, after five":         {limited(5, span, func(a attempt) string { return a.URL.Path }, always, login), plain(), func(p string) bool { return strings.EqualFold(p, "/api/login") }, "path_bypass"},
		"a version, after six":       {limited(6, span, func(a attempt) string { return a.Proto }, always, login), plain(), nil, "protocol_bypass"},
		"a slash at the end":         {limited(8, span, func(a attempt) string { return a.URL.Path }, always, login), plain(), func(p string) bool { return strings.TrimSuffix(p, "/") == "/api/login" }, "path_bypass"},
		"a query":                    {limited(8, span, func(a attempt) string { return a.RequestURI }, always, login), plain(), nil, "path_bypass"},
		"a version of HTTP":          {limited(8, span, func(a attempt) string { return a.Proto }, always, login), plain(), nil, "protocol_bypass"},
		"the spelling of an address": {limited(8, span, byRawAddress, failures, limited(30, 3*time.Second, byIP, failures, login)), endpoint(), nil, "case_email_bypass"},
		"no Retry-After":             {answersFrom(8, func(w http.ResponseWriter, _ attempt) { w.WriteHeader(429) }), plain(), nil, "no_retry_after"},
		"an unreadable Retry-After": {answersFrom(8, func(w http.ResponseWriter, _ attempt) {
			w.Header().Set("Retry-After", "soon")
			w.WriteHeader(429)
		}), plain(), nil, "no_retry_after"},
		"Retry-After too short": {func() handler {
			win := newWindow(8, 6*time.Second)
			return func(w http.ResponseWriter, a attempt) {
				if _, over := win.over("all"); over {
					w.Header().Set("Retry-After", "0")
					win.count("all")
					w.WriteHeader(429)
					return
				}
				win.count("all")
				login(w, a)
			}
		}(), plain(), nil, "retry_after_lies"},
		"Retry-After of two days": {answersFrom(8, func(w http.ResponseWriter, _ attempt) {
			w.Header().Set("Retry-After", "172800")
			w.WriteHeader(429)
		}), plain(), nil, "retry_after_lies"},
		"locked for good": {limited(8, time.Hour, byIP, always, login), plain(), nil, "lockout_permanent"},
		"200":             {answersFrom(8, func(w http.ResponseWriter, _ attempt) { fmt.Fprint(w, `{"error":"Too many attempts"}`) }), plain(), nil, "wrong_status"},
		"403":             {answersFrom(8, func(w http.ResponseWriter, _ attempt) { w.WriteHeader(403) }), plain(), nil, "wrong_status"},
		"500 in words":    {answersFrom(8, func(w http.ResponseWriter, _ attempt) { http.Error(w, "RateLimitExceeded", 500) }), plain(), nil, "wrong_status"},
		"the control is kept out": {func() handler {
			win := newWindow(8, 3*time.Second)
			return func(w http.ResponseWriter, a attempt) {
				if after, over := win.over("all"); over {
					tooMany(w, after)
					return
				}
				if a.Method == http.MethodGet {
					return
				}
				win.count("all")
				login(w, a)
			}
		}(), members(), nil, "blocks_members"},
		"breaks": {answersFrom(8, func(w http.ResponseWriter, _ attempt) { w.WriteHeader(500) }), plain(), nil, "burst_breaks_app"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.handler, test.route)
			result := w.run(t, test.e)
			failed, unclear := verdicts(result)
			if got := strings.Join(failed, " "); got != test.fails || len(unclear) > 0 && test.fails != "burst_breaks_app" {
				t.Errorf("failed %v, want %s; unclear %v\n%s", failed, test.fails, unclear, explain(result))
			}
		})
	}
}

// What cannot be tested neither passes nor fails.
func TestUntestable(t *testing.T) {
	t.Parallel()
	status := func(n int, headers ...string) handler {
		return func(w http.ResponseWriter, _ attempt) {
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(n)
		}
	}
	missing := plain()
	missing.URL = "https://portal.example.com/api/nothing"
	outside := plain()
	outside.URL = "https://www.example.com/api/login"
	for name, test := range map[string]struct {
		handler handler
		e       Endpoint
		most    int // requests
	}{
		"500 to everything":        {status(500), plain(), 5},
		"429 at once":              {status(429), plain(), 5},
		"challenged at once":       {status(403, "Cf-Mitigated", "challenge"), plain(), 5},
		"refused at once":          {status(403), plain(), 5},
		"nothing there":            {login, missing, 5},
		"the sign-in page":         {status(302, "Location", "/login?next=/api/login"), plain(), 5},
		"somewhere else":           {status(308, "Location", "https://www.example.com/api/login"), plain(), 5},
		"another method":           {status(405), plain(), 5},
		"out of scope":             {login, outside, 0},
		"resets":                   {func(http.ResponseWriter, attempt) { panic(http.ErrAbortHandler) }, plain(), 5},
		"resets during the burst":  {answersFrom(8, func(http.ResponseWriter, attempt) { panic(http.ErrAbortHandler) }), plain(), 80},
		"other answers in between": {answersFrom(8, status(402)), plain(), 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.handler, nil)
			result := w.run(t, test.e)
			failed, unclear := verdicts(result)
			if len(failed) > 0 || len(unclear) < len(Definition.Rules)-1 || w.requests > test.most {
				t.Errorf("failed %v, unclear %v, %d requests\n%s", failed, unclear, w.requests, explain(result))
			}
		})
	}
}
