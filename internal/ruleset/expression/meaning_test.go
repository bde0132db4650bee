package expression_test

import (
	"testing"
	"unicode/utf8"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset/expression"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/expr"
)

// request is one request as an edge describes it.
func request(host, method, path, cookie string, header map[string][]string) expr.Values {
	return expr.Values{
		"http.host": host, "http.request.method": method, "http.request.uri.path": path, "http.cookie": cookie, "http.request.headers": header,
	}
}

// TestMeaning has the sandbox's edge, which shares no code with this package,
// say what the expressions hold for.
func TestMeaning(t *testing.T) {
	t.Parallel()
	at := func(path string) expr.Values { return request("portal.acme.example", "GET", path, "", nil) }
	from := func(host string) expr.Values { return request(host, "POST", "/", "", nil) }
	for _, tc := range []struct {
		expression string
		request    expr.Values
		want       bool
	}{
		{expression.Paths("/login"), at("/login"), true},
		{expression.Paths("/login"), at("/Login/"), true},
		{expression.Paths("/login"), at("/log%69n"), true},
		{expression.Paths("/login"), at("/login2"), false},
		{expression.Paths("/login", "/reset"), at("/RESET"), true},
		{expression.Paths("/"), at("/"), true},
		{expression.Paths("/"), at("/a"), false},
		{expression.Paths("/API/*"), at("/api/me"), true},
		{expression.Paths("/api/*"), at("/apis"), false},
		{expression.Paths("/org/*/invite"), at("/org/7/Invite"), true},
		{expression.Paths("/org/*/invite"), at("/org/7/invites"), false},
		{expression.ExactPaths("/Old"), at("/Old"), true},
		{expression.ExactPaths("/Old"), at("/old"), false},
		{expression.Hosts("acme.example", "*.acme.example"), from("portal.acme.example"), true},
		{expression.Hosts("acme.example", "*.acme.example"), from("acme.example"), true},
		{expression.Hosts("*.acme.example"), from("notacme.example"), false},
		{expression.Methods("post"), from("acme.example"), true},
		{expression.Methods("put", "patch"), from("acme.example"), false},
		{expression.Cookies("__Host-session"), request("", "", "", "a=b; __Host-session=x", nil), true},
		{expression.Cookies("wp_*"), request("", "", "", "wp_17=x", nil), true},
		{expression.Cookies("session"), request("", "", "", "theme=session", nil), false},
		{expression.Authorized(), request("", "", "", "", map[string][]string{"authorization": {"Bearer x"}}), true},
		{expression.Authorized(), request("", "", "", "", map[string][]string{}), false},
		{expression.All(expression.Hosts("acme.example"), expression.Any(expression.Paths("/a"), expression.Methods("POST"))), from("acme.example"), true},
		{expression.All(expression.Hosts("acme.example"), expression.Any(expression.Paths("/a"), expression.Methods("PUT"))), from("acme.example"), false},
	} {
		e, err := expr.Parse(tc.expression)
		if err != nil {
			t.Errorf("%s: %v", tc.expression, err)
			continue
		}
		if got, err := e.Match(tc.request); err != nil || got != tc.want {
			t.Errorf("%s of %v: %v %v, want %v", tc.expression, tc.request, got, err, tc.want)
		}
	}
}

// FuzzQuoteMeans holds that a quoted text means itself, and that no text gets
// out of its quotes.
func FuzzQuoteMeans(f *testing.F) {
	f.Add(`" or ssl or http.host eq "`)
	f.Add(`\" \\ \x41 é` + "\n\x00")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(expression.Quote(text)) > expression.Maximum-len("http.host eq ") {
			return
		}
		e, err := expr.Parse("http.host eq " + expression.Quote(text))
		if err != nil {
			t.Fatal(err)
		}
		for host, want := range map[string]bool{text: true, text + "x": false} {
			if got, err := e.Match(expr.Values{"http.host": host}); err != nil || got != want {
				t.Errorf("%q: %v %v", host, got, err)
			}
		}
	})
}
