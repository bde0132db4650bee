package ratecheck

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const nginx503 = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n" +
	"<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"

// saying answers with a status, headers in pairs, and a body.
func saying(status int, body string, headers ...string) handler {
	return func(w http.ResponseWriter, _ attempt) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// soft answers right and wrong passwords with 200 both.
func soft(w http.ResponseWriter, a attempt) {
	if a.right() {
		fmt.Fprint(w, `{"data":{"login":{"token":"t"}}}`)
		return
	}
	fmt.Fprint(w, `{"data":{"login":null},"errors":[{"message":"invalid"}]}`)
}

// pieces is soft with tokens of which nothing stays, and that fall apart into words.
func pieces(w http.ResponseWriter, a attempt) {
	if !a.right() {
		fmt.Fprint(w, `{"data":{"login":null},"errors":[{"message":"invalid","path":["login"]}]}`)
		return
	}
	var b [96]byte
	for i := range b {
		b[i] = byte(rand.IntN(256))
	}
	token := base64.RawURLEncoding.EncodeToString(b[:])
	fmt.Fprintf(w, `{"data":{"login":"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.%s-%s_%s"}}`, token[:60], token[60:70], token[70:])
}

// numbered is soft with tokens that begin with their number.
func numbered(w http.ResponseWriter, a attempt) {
	if a.right() {
		fmt.Fprintf(w, `{"token":"%d|hTHfAHBKSBYQ-NFBAPVTDJRW"}`, a.n)
		return
	}
	fmt.Fprint(w, `{"token":null,"error":"bad"}`)
}

// coded is soft with codes.
func coded(w http.ResponseWriter, a attempt) {
	if a.right() {
		fmt.Fprintf(w, `{"code":0,"message":"Success","token":"hTHf%dAHBKSBYQ-NFBAPVTDJRW"}`, a.n)
		return
	}
	fmt.Fprint(w, `{"code":101,"message":"Bad login"}`)
}

// stated is soft with states.
func stated(w http.ResponseWriter, a attempt) {
	if a.right() {
		fmt.Fprintf(w, `{"status":"OK","token":"hTHf%dAHBKSBYQ-NFBAPVTDJRW"}`, a.n)
		return
	}
	fmt.Fprint(w, `{"status":"INVALID_CREDENTIALS"}`)
}

// chatty is soft where no two answers have all in common: most of each varies.
func chatty(w http.ResponseWriter, a attempt) {
	tips := []string{
		"Bring a friend.", "The harbour office is closed on Mondays, and opens at ten on all other days.",
		"You can pay your membership by quarter.", "New minutes are online.", "Did you know that the south has its own choir?",
	}
	what := `"error":"Unauthorized"`
	if a.right() {
		what = `"token":"HTHF42AHBKSBYQNFB4APVTDJRW"`
	}
	fmt.Fprintf(w, `{%s,"meta":{"count":%d,"time":%q,"tip":%q}}`, what, 17+a.n, time.Now().Format(time.RFC3339Nano), tips[rand.IntN(len(tips))])
}

// silently refuses an account after some failures as if the password were wrong.
func silently(n int, span time.Duration, then handler) handler {
	win := newWindow(n, span)
	return func(w http.ResponseWriter, a attempt) {
		if _, over := win.over(a.account()); over {
			a.password = ""
		} else if failures(a) {
			win.count(a.account())
		}
		then(w, a)
	}
}

// silentlyBy is silently with a counter of another kind.
func silentlyBy(n int, span time.Duration, key func(attempt) string, then handler) handler {
	win := newWindow(n, span)
	return func(w http.ResponseWriter, a attempt) {
		if _, over := win.over(key(a)); over {
			a.password = ""
		} else if failures(a) {
			win.count(key(a))
		}
		then(w, a)
	}
}

// lettingRight tells wrong passwords that they are too many, and looks at the
// password first.
func lettingRight(n int, span time.Duration) handler {
	held := limited(n, span, byAccountOf, failures, login)
	return func(w http.ResponseWriter, a attempt) {
		if a.right() {
			login(w, a)
			return
		}
		held(w, a)
	}
}

// resettingRight is lettingRight where a sign-in clears the counter.
func resettingRight(n int, span time.Duration) handler {
	var mu sync.Mutex
	held := limited(n, span, byAccountOf, failures, login)
	return func(w http.ResponseWriter, a attempt) {
		mu.Lock()
		now := held
		if a.right() {
			now, held = login, limited(n, span, byAccountOf, failures, login)
		}
		mu.Unlock()
		now(w, a)
	}
}

// locksRaw is locksAs by the address as it is written.
func locksRaw(n int, span time.Duration, then handler) handler {
	win := newWindow(n, span)
	return func(w http.ResponseWriter, a attempt) {
		if _, over := win.over(a.email); over {
			then(w, a)
			return
		}
		if failures(a) {
			win.count(a.email)
		}
		login(w, a)
	}
}

// refusing answers wrong passwords in a way of its own.
func refusing(wrong handler) handler {
	return func(w http.ResponseWriter, a attempt) {
		if a.right() {
			w.Header().Set("Location", "/home")
			w.WriteHeader(http.StatusFound)
			return
		}
		wrong(w, a)
	}
}

// crowded is an application that takes the longer the more it has to do at once.
func crowded(alone time.Duration, then handler) handler {
	var busy atomic.Int64
	return func(w http.ResponseWriter, a attempt) {
		n := busy.Add(1)
		defer busy.Add(-1)
		time.Sleep(alone * time.Duration(n*n))
		then(w, a)
	}
}

// behindQuotes is a sign-in whose first account has a password that JSON must escape.
func behindQuotes() Endpoint {
	e := endpointOf(ByAccount)
	e.Accounts[0].Password = `a"b\c`
	return e
}

// Brakes of programs as they are when nobody has set them up with care.
func TestBrakesOfPrograms(t *testing.T) {
	t.Parallel()
	const span = 2 * time.Second
	anywhere := func(string) bool { return true }
	quoted := func(then handler) handler {
		return func(w http.ResponseWriter, a attempt) {
			if a.password == `a"b\c` {
				a.password = "right-" + a.account()
			}
			then(w, a)
		}
	}
	for name, test := range map[string]struct {
		handler handler
		e       Endpoint
		fails   string
		route   func(string) bool
	}{
		"503 of nginx":                    {answersFrom(8, saying(503, nginx503)), plain(), "wrong_status", nil},
		"503 without a word":              {answersFrom(8, saying(503, "")), plain(), "wrong_status", nil},
		"words of a plugin":               {answersFrom(8, saying(401, "You have exceeded maximum login retries.")), plain(), "", nil},
		"German words":                    {answersFrom(8, saying(401, "Zu viele Anmeldeversuche.")), plain(), "", nil},
		"a code":                          {answersFrom(8, saying(400, `{"code":"TOO_MANY_ATTEMPTS"}`)), plain(), "", nil},
		"a status of its own, in silence": {locksAs(8, span, saying(400, `{"message":"no"}`)), endpointOf(ByAccount), "", nil},
		"a lock in words of its own":      {locksAs(8, span, saying(401, `{"error":"Sign-in is paused for this member, ring the office between nine and five"}`)), endpointOf(ByAccount), "", nil},
		"by account, in its own words":    {locksAs(8, span, saying(401, `{"error":"Sign-in is paused for this member, ring the office between nine and five"}`)), endpoint(), "ip_missing", nil},
		"by raw address, in its words":    {locksRaw(8, span, saying(401, `{"error":"Sign-in is paused for this member, ring the office between nine and five"}`)), endpointOf(ByAccount), "case_email_bypass", nil},
		"a page that locks by a redirect": {locksAs(8, span, saying(302, "", "Location", "/signin?error=2")), endpointOf(ByAccount), "", nil},
		"by account, in silence":          {silently(8, span, login), endpoint(), "ip_missing", nil},
		"by address, in silence":          {silentlyBy(20, span, byIP, login), endpoint(), "", nil},
		"429 to wrong passwords alone":    {lettingRight(8, span), endpointOf(ByAccount), "missing", nil},
		"200 to all, too many":            {locksAs(8, span, saying(200, `{"error":"Too many attempts"}`)), endpointOf(ByAccount), "wrong_status", nil},
		"200 to all, for good":            {locksAs(8, time.Hour, saying(200, `{"error":"Too many attempts"}`)), endpointOf(ByAccount), "lockout_permanent wrong_status", nil},
		"a right password begins anew":    {resettingRight(8, span), endpointOf(ByAccount), "missing", nil},
		"a silent lock behind 200":        {silently(8, span, soft), endpointOf(ByAccount), "", nil},
		"200 to wrong passwords":          {limited(8, span, byAccountOf, failures, soft), endpointOf(ByAccount), "", nil},
		"200 and a tip to all":            {limited(8, span, byAccountOf, failures, chatty), endpointOf(ByAccount), "", nil},
		"a tip behind a silent lock":      {silently(8, span, chatty), endpointOf(ByAccount), "", nil},
		"a tip, by raw address":           {limited(8, span, byRawAddress, failures, chatty), endpointOf(ByAccount), "case_email_bypass", nil},
		"nothing to a right password":     {locksOf(5, span, silence, saying(200, `{"notice":"Konto ruht"}`)), endpointOf(ByAccount), "wrong_status", nil},
		"every attempt counts":            {limitedAs(4, span, byRawAddress, soft, saying(200, `{"data":{"login":{"message":"Konto ruht"}}}`)), endpointOf(ByAccount), "case_email_bypass wrong_status", nil},
		"a token in pieces":               {limited(8, span, byAccountOf, failures, pieces), endpointOf(ByAccount), "", nil},
		"a token in pieces, no limit":     {pieces, endpointOf(ByAccount), "missing", nil},
		"a token behind a silent lock":    {silently(8, span, pieces), endpointOf(ByAccount), "", nil},
		"a token with a number":           {limited(8, span, byAccountOf, failures, numbered), endpointOf(ByAccount), "", nil},
		"a token with a number, no limit": {numbered, endpointOf(ByAccount), "missing", nil},
		"a code, and a brake's code":      {locksOf(8, span, coded, saying(200, `{"code":105,"message":"Login paused","retryAt":"2026-11-30T21:30:00.000Z"}`)), endpointOf(ByAccount), "wrong_status", nil},
		"a state, and a brake's state":    {locksOf(8, span, stated, saying(200, `{"status":"BLOCKED"}`)), endpointOf(ByAccount), "wrong_status", nil},
		"404 to wrong passwords":          {limited(8, span, byAccountOf, failures, refusing(saying(404, "no"))), endpointOf(ByAccount), "", nil},
		"wrong passwords lead to a page":  {limited(8, span, byAccountOf, failures, refusing(saying(302, "", "Location", "/signin?error=1"))), endpointOf(ByAccount), "", nil},
		"the same without an account":     {limited(8, span, byIP, always, saying(302, "", "Location", "/signin?error=1")), plain(), "", nil},
		"a password with quotes":          {quoted(silently(8, span, login)), behindQuotes(), "", nil},
		"a lock that others began":        {begun(7, 8, span, failures, login), endpointOf(ByAccount), "", nil},
		"a lock after three":              {limited(3, span, byRawAddress, failures, login), endpointOf(ByAccount), "case_email_bypass", nil},
		"Client-IP":                       {limited(8, span, func(a attempt) string { return a.Header.Get("Client-Ip") }, always, login), plain(), "header_bypass", nil},
		"the machine itself is let by": {func() handler {
			held := limited(8, span, byIP, always, login)
			return func(w http.ResponseWriter, a attempt) {
				if a.Header.Get("X-Forwarded-For") == "127.0.0.1" {
					login(w, a)
					return
				}
				held(w, a)
			}
		}(), plain(), "header_bypass", nil},
		"no limit, slow in a crowd": {crowded(40*time.Millisecond, login), plain(), "missing", nil},
		"503 in between":            {everyFourth(saying(503, "")), plain(), "burst_breaks_app", nil},
		"503 wherever one looks at": {answersFrom(8, saying(503, "no backend")), plain(), "burst_breaks_app", anywhere},
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

// Windows that are over before slow requests are through are no holes: what gets
// through comes into the next one.
func TestShortWindows(t *testing.T) {
	t.Parallel()
	e := endpoint()
	e.Requests = 10
	for _, limit := range []int{2, 3, 4} {
		for i := range 2 {
			t.Run(fmt.Sprintf("%d, %d", limit, i), func(t *testing.T) {
				t.Parallel()
				result := newWorld(t, slowly(anew(limit, 2*time.Second, login)), nil).run(t, e)
				if failed, _ := verdicts(result); len(failed) > 0 {
					t.Errorf("failed %v\n%s", failed, explain(result))
				}
			})
		}
	}
}

// locksAs answers as told once an account has had its failures.
func locksAs(n int, span time.Duration, then handler) handler { return locksOf(n, span, login, then) }

// locksOf is locksAs for a sign-in that answers as told.
func locksOf(n int, span time.Duration, sign, then handler) handler {
	win := newWindow(n, span)
	return func(w http.ResponseWriter, a attempt) {
		if _, over := win.over(a.account()); over {
			then(w, a)
			return
		}
		if failures(a) {
			win.count(a.account())
		}
		sign(w, a)
	}
}

// limitedAs is limited by every attempt, with a brake that answers as told.
func limitedAs(n int, span time.Duration, key func(attempt) string, sign, then handler) handler {
	win := newWindow(n, span)
	return func(w http.ResponseWriter, a attempt) {
		if _, over := win.over(key(a)); over {
			then(w, a)
			return
		}
		win.count(key(a))
		sign(w, a)
	}
}

// silence answers a right password with a cookie alone.
func silence(w http.ResponseWriter, a attempt) {
	if a.right() {
		w.Header().Set("Set-Cookie", "sid=x")
		return
	}
	fmt.Fprint(w, `{"error":"bad credentials"}`)
}

func everyFourth(then handler) handler {
	return func(w http.ResponseWriter, a attempt) {
		if a.n%4 == 0 {
			then(w, a)
			return
		}
		login(w, a)
	}
}

// What answers at every other path is no way round the brake: a page of the site
// at /API/POSTS is not what is limited at /api/posts.
func TestAnotherPageIsNoEvasion(t *testing.T) {
	t.Parallel()
	posts := limited(8, 2*time.Second, byIP, always, func(w http.ResponseWriter, _ attempt) {
		fmt.Fprint(w, `{"posts":[{"title":"the first of them"},{"title":"another one"}]}`)
	})
	site := func(w http.ResponseWriter, a attempt) {
		if strings.HasPrefix(a.URL.Path, "/api/") {
			posts(w, a)
			return
		}
		fmt.Fprint(w, "<!doctype html><title>Portal</title><div id=app></div>")
	}
	e := plain()
	e.Kind, e.URL, e.Body = API, "https://portal.example.com/api/posts", ""
	w := newWorld(t, site, func(path string) bool { return path == "/api/posts" || !strings.HasPrefix(path, "/api/") })
	result := w.run(t, e)
	if failed, unclear := verdicts(result); len(failed)+len(unclear) > 0 {
		t.Errorf("failed %v, unclear %v\n%s", failed, unclear, explain(result))
	}
}

// Where nothing shows that the endpoint looks at what it is sent, the absence of
// a brake is no violation.
func TestUnproven(t *testing.T) {
	t.Parallel()
	anywhere := func(string) bool { return true }
	var asked atomic.Int64
	toiling := func(path string) bool { // whatever it is asked for
		if asked.Add(1) > 8 {
			time.Sleep(250 * time.Millisecond)
		}
		return path == "/api/login"
	}
	for name, test := range map[string]struct {
		handler handler
		e       Endpoint
		route   func(string) bool
		most    int
		says    string
	}{
		"a page for every address":      {saying(200, "<title>Portal</title>"), plain(), anywhere, 100, "a path that does not exist"},
		"a wall before every address":   {saying(401, "Unauthorized"), plain(), anywhere, 100, "a path that does not exist"},
		"a right password is refused":   {saying(400, `{"error":"missing field"}`), endpoint(), nil, 100, "right password"},
		"a wrong one is named as right": {func(w http.ResponseWriter, a attempt) { a.password = ""; chatty(w, a) }, endpoint(), nil, 100, "right password"},
		"419":                           {saying(419, "<title>Page Expired</title>"), plain(), nil, 5, "CSRF"},
		"a token is missing":            {saying(422, "Can't verify CSRF token authenticity."), plain(), nil, 5, "CSRF"},
		"words that nobody knows":       {locksAs(8, time.Hour, saying(401, `{"error":"Sign-in is paused for this member, ring the office between nine and five"}`)), strangers(), nil, 100, "became others"},
		"a server that gets busy":       {login, plain(), toiling, 100, "a busy server"},
		"a CAPTCHA from the first one":  {saying(400, `{"error":"captcha_required"}`), plain(), nil, 5, "CAPTCHA"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.handler, test.route)
			result := w.run(t, test.e)
			failed, unclear := verdicts(result)
			if len(failed) > 0 || len(unclear) < 10 || w.requests > test.most || !strings.Contains(explain(result), test.says) {
				t.Errorf("failed %v, unclear %v, %d requests\n%s", failed, unclear, w.requests, explain(result))
			}
		})
	}
}

// A form that is shown again with its token is an answer, not a refusal.
func TestForgery(t *testing.T) {
	for text, want := range map[string]bool{
		"CSRF token mismatch.":                                                  true,
		"Can't verify CSRF token authenticity.":                                 true,
		"CSRF verification failed.":                                             true,
		"The change you wanted was rejected.":                                   true,
		`<meta name="csrf-token" content="x"><p>Invalid Email or password.</p>`: false,
	} {
		if got := forgery.MatchString(text); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// Texts are escaped for where they stand.
func TestRequestEscapes(t *testing.T) {
	const address, password = "a+b@example.com", `a"b\c&d`
	for kind, body := range map[string]string{
		"application/json": `{"email":"{{account}}","password":"{{password}}"}`, "application/vnd.api+json": `{"email":"{{account}}","password":"{{password}}"}`,
		"application/x-www-form-urlencoded": "email={{account}}&password={{password}}",
	} {
		s := &session{e: Endpoint{Method: "POST", URL: "https://portal.example.com/", Body: body, Header: http.Header{"Content-Type": {kind}}}}
		var got struct{ Email, Password string }
		sent := s.request(address, password).Body
		if values, err := url.ParseQuery(string(sent)); strings.HasSuffix(kind, "json") {
			if err := json.Unmarshal(sent, &got); err != nil {
				t.Error(err)
			}
		} else if err == nil {
			got.Email, got.Password = values.Get("email"), values.Get("password")
		}
		if got.Email != address || got.Password != password {
			t.Errorf("%s: %s", kind, sent)
		}
	}
}
