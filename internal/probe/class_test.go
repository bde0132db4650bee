package probe

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

func answerOf(status int, body string, header ...string) Exchange {
	x := Exchange{Status: status, Body: []byte(body), Header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		x.Header.Set(header[i], header[i+1])
		if header[i] == "Location" {
			x.Redirect = header[i+1]
		}
	}
	return x
}

func TestClassify(t *testing.T) {
	t.Parallel()
	const form = `<title>Sign in</title><form action="/login"><input type="hidden" value="%"><input type="password" name="p"></form><p>Welcome to the portal of the members of Acme`
	login := answerOf(200, strings.Replace(form, "%", "Zk3u8fQ9wq2Lr7Tt1x", 1))
	missing := answerOf(200, "<title>Acme</title><div id=root></div><script src=/assets/app.js></script>")
	owner := Reference{Marker: "member-a@acme.example", LoginPath: "/login", LoginPage: &login, Sibling: &missing}
	for name, tt := range map[string]struct {
		x    Exchange
		ref  Reference
		want Class
	}{
		"the marker":                        {answerOf(200, `{"email":"member-a@acme.example"}`), owner, Granted},
		"in a header":                       {answerOf(204, "", "X-User", "member-a@acme.example"), owner, Granted},
		"in a redirect's body":              {answerOf(302, "hello member-a@acme.example", "Location", "https://a/x"), owner, Granted},
		"2xx without the marker":            {answerOf(200, `{"email":null}`), owner, Odd},
		"2xx where no marker is known":      {answerOf(200, `{"email":null}`), Reference{}, Granted},
		"401":                               {answerOf(401, ""), owner, Denied},
		"403":                               {answerOf(403, "no"), owner, Denied},
		"404":                               {answerOf(404, "no"), owner, Denied},
		"410":                               {answerOf(410, "no"), owner, Denied},
		"403 with the marker":               {answerOf(403, "member-a@acme.example"), owner, Odd},
		"to the login path":                 {answerOf(303, "", "Location", "https://portal.acme.example/login?next=/a"), owner, Denied},
		"below the login path":              {answerOf(303, "", "Location", "https://portal.acme.example/login/start"), owner, Denied},
		"to a path that begins so":          {answerOf(303, "", "Location", "https://portal.acme.example/login-help"), owner, Odd},
		"to a login path that is not known": {answerOf(302, "", "Location", "https://id.acme.example/oauth2/authorize?x=1"), Reference{}, Denied},
		"to the login of Django":            {answerOf(302, "", "Location", "https://a/accounts/login/?next=/x"), Reference{}, Denied},
		"to the login of WordPress":         {answerOf(302, "", "Location", "https://a/wp-login.php?redirect_to=x"), Reference{}, Denied},
		"the marker, hidden by the edge":    {answerOf(200, `<a class="__cf_email__" data-cfemail="ff929a929d9a8dd29ebf9e9c929ad19a879e928f939a">[email&#160;protected]</a>`), owner, Granted},
		"the marker, hidden in a link":      {answerOf(200, `<a href="/cdn-cgi/l/email-protection#ff929a929d9a8dd29ebf9e9c929ad19a879e928f939a">`), owner, Granted},
		"to another page":                   {answerOf(302, "", "Location", "https://portal.acme.example/start"), Reference{}, Odd},
		"the login page":                    {answerOf(200, strings.Replace(form, "%", "Bb7Yp0aS5dD6fG8hJ9", 1)), owner, Denied},
		"a shell for every path":            {missing, owner, Soft404},
		"challenge":                         {answerOf(403, "", "Cf-Mitigated", "challenge"), owner, EdgeBlock},
		"block page":                        {answerOf(403, "<title>Attention Required! | Cloudflare</title>", "Server", "cloudflare"), owner, EdgeBlock},
		"1020 in text":                      {answerOf(403, "error code: 1020", "Server", "cloudflare"), owner, EdgeBlock},
		"1020 in a title":                   {answerOf(403, "<html><head><title>1020: Access denied</title>", "Server", "cloudflare"), owner, EdgeBlock},
		"1020 in words":                     {answerOf(403, "<title>Access denied | a used Cloudflare to restrict access</title>", "Server", "cloudflare"), owner, EdgeBlock},
		"1020 of another server":            {answerOf(403, "<title>1020: Access denied</title>", "Server", "nginx"), owner, Denied},
		"429":                               {answerOf(429, ""), owner, Throttled},
		"503 with the time to come back":    {answerOf(503, "", "Retry-After", "30"), owner, Throttled},
		"503":                               {answerOf(503, ""), owner, Failed},
		"500 with the marker":               {answerOf(500, "member-a@acme.example"), owner, Failed},
		"no answer":                         {Exchange{Failure: FailTimeout}, owner, Failed},
		"cut off":                           {Exchange{Status: 200, Failure: FailReset, Body: []byte("member-a@acme.example")}, owner, Failed},
		"loop":                              {Exchange{Status: 302, Failure: FailRedirects}, owner, Odd},
		"400":                               {answerOf(400, ""), owner, Odd},
	} {
		if got := Classify(tt.x, tt.ref); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestSimilarity(t *testing.T) {
	t.Parallel()
	page := "<title>Acme members</title><h1>Welcome</h1><p>What members do at the harbour on Saturday mornings in spring." + strings.Repeat(" and more of it", 20)
	for name, tt := range map[string]struct {
		a, b     string
		least    float64
		lessThan float64
	}{
		"equal":          {page, page, 1, 1.1},
		"another nonce":  {page + ` nonce="aB3dE5fG7hJ9kL1mN3" 1764059000`, page + ` nonce="zY2xW4vU6tS8rQ0pO2" 1764059999`, 1, 1.1},
		"another line":   {page, page + "<p>You have three new messages", 0.85, 1},
		"another site":   {page, "<title>Welcome to nginx!</title><p>If you see this page, the web server is installed.", 0, 0.3},
		"empty and page": {"", page, 0, 0.01},
		"both empty":     {"", "", 1, 1.1},
		"no words":       {"!", "?", 0, 0.01},
		"one word":       {"ok", "ok\n", 1, 1.1},
	} {
		got := Similarity([]byte(tt.a), []byte(tt.b))
		if got < tt.least || got >= tt.lessThan || got != Similarity([]byte(tt.b), []byte(tt.a)) {
			t.Errorf("%s: %.2f, want %.2f or more and less than %.2f", name, got, tt.least, tt.lessThan)
		}
	}
}

func TestNewWords(t *testing.T) {
	t.Parallel()
	body := []byte("Hello Mira, hello Mira: 12 posts, 8f1d0c2e3b4a59687d1f")
	if n := NewWords(body, []byte("Hello 9 posts"), nil); n != 3 { // hello, Mira, 12
		t.Error(n)
	}
	if n := NewWords(body, body); n != 0 {
		t.Error(n)
	}
}

func FuzzSimilarity(f *testing.F) {
	f.Add([]byte("<p>hello 1234"), []byte("<p>hello \xff"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if s := Similarity(a, b); s < 0 || s > 1 || bytes.Equal(a, b) && s != 1 {
			t.Errorf("%v", s)
		}
	})
}
