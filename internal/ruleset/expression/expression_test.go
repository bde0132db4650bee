package expression

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestBuild(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ got, want string }{
		{Paths("/login"), `lower(url_decode(http.request.uri.path)) in {"/login" "/login/"}`},
		{Paths("/API/*"), `starts_with(lower(url_decode(http.request.uri.path)), "/api/")`},
		{Paths("/a/*/b"), `lower(url_decode(http.request.uri.path)) wildcard "/a/*/b"`},
		{Paths("/"), `lower(url_decode(http.request.uri.path)) eq "/"`},
		{Paths("/login", "/login/", "/api/*"), `(lower(url_decode(http.request.uri.path)) in {"/login" "/login/"} or starts_with(lower(url_decode(http.request.uri.path)), "/api/"))`},
		{ExactPaths("/Old"), `http.request.uri.path eq "/Old"`},
		{ExactPaths("/old page", "/caf%C3%A9", "/a*/b"), `(http.request.uri.path in {"/caf%C3%A9" "/old%20page"} or http.request.uri.path strict wildcard "/a*/b")`},
		{Paths("/a%20b"), `lower(url_decode(http.request.uri.path)) in {"/a b" "/a b/"}`},
		{Paths("/a+b/*"), `(starts_with(lower(url_decode(http.request.uri.path)), "/a+b/") or starts_with(lower(url_decode(http.request.uri.path)), "/a b/"))`},
		{Paths(`/w\*x`, "/x**"), `(lower(url_decode(http.request.uri.path)) wildcard "/w\\\\*x" or starts_with(lower(url_decode(http.request.uri.path)), "/x"))`},
		{Hosts("*.Bücher.example"), `ends_with(http.host, ".xn--bcher-kva.example")`},
		{Paths(), ""},
		{Hosts("WWW.acme.example"), `http.host eq "www.acme.example"`},
		{Hosts("a.example", "*.b.example"), `(http.host eq "a.example" or ends_with(http.host, ".b.example"))`},
		{Methods("post", "put"), `http.request.method in {"POST" "PUT"}`},
		{Cookies("__Host-session", "wp_*"), `(http.cookie contains "__Host-session=" or http.cookie contains "wp_")`},
		{All(Hosts("a.example"), "", Methods("POST")), `(http.host eq "a.example" and http.request.method eq "POST")`},
		{All(), ""},
		{Quote(`a"b\c`), `"a\"b\\c"`},
	} {
		if tc.got != tc.want {
			t.Errorf("got  %s\nwant %s", tc.got, tc.want)
		}
		if tc.got != "" && tc.got[0] != '"' {
			if err := Check(tc.got); err != nil {
				t.Errorf("%s: %v", tc.got, err)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`true`: "",
		`(http.host eq "a" and not ip.src in {10.0.0.0/8 192.168.0.1..192.168.0.9})`: "",
		`http.host matches r"^a(b\"`:                "",
		`http.host matches r#"a"b("#`:               "",
		`any(http.request.headers["x"][*] eq "y)")`: "",
		`http.host eq "a\"b"`:                       "",
		``:                                          "empty at character 1",
		"  \n ":                                     "empty at character 1",
		`http.host eq "a`:                           "begins at character 14",
		`http.host eq "a\"`:                         "begins at character 14",
		`(http.host eq "a"`:                         `'(' at character 1`,
		`http.host eq "a")`:                         `opens the ')' at character 17`,
		`http.host in {"a")`:                        `the ')' does not close the '{' at character 18`,
		`http.host eq "ä" )`:                        `')' at character 18`,
		`http.host matches r#"a"`:                   "raw text that begins at character 19",
		strings.Repeat("a", Maximum+1):              "4097 characters, 4096 are allowed",
		`(((((http.host eq "x") or (ssl and not cf.client.bot))) ))`: "",
	} {
		err := Check(text)
		if want == "" && err == nil {
			continue
		}
		var syntax *SyntaxError
		if want == "" || !errors.As(err, &syntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
}

func TestUses(t *testing.T) {
	t.Parallel()
	u := Uses(`(http.host eq "http.cookie" and lower(http.request.uri.path) matches "^/a" and ip.src in {10.0.0.0/8} and not ssl and http.host ne "b")`)
	if want := []string{"http.host", "http.request.uri.path", "ip.src", "ssl"}; !slices.Equal(u.Fields, want) || !u.Regex {
		t.Errorf("%+v, want %v and regex", u, want)
	}
	if u := Uses(`http.request.uri.path contains "matches ~"`); u.Regex {
		t.Error("text is no operator")
	}
}

// FuzzQuote holds that no text gets out of its quotes.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", `"`, `\`, `\"`, `" or true or "`, "a\x00b", "ü"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted := Quote(text)
		if len(text) > 1000 {
			return
		}
		if err := Check("http.host eq " + quoted); err != nil {
			t.Errorf("%q: %v", quoted, err)
		}
		if u := Uses("http.host eq " + quoted); len(u.Fields) != 1 || u.Regex {
			t.Errorf("%q uses %+v", quoted, u)
		}
		if err := Check(Paths("/" + text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{`(a eq "b")`, `r#"x"#`, `r"`, `{[()]}`, `"\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := Check(text)
		var syntax *SyntaxError
		if err != nil && (!errors.As(err, &syntax) || syntax.Position < 1) {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil && Check("("+text+")") != nil && len(text) < Maximum-2 {
			t.Errorf("%q is well-formed, and not in brackets", text)
		}
	})
}
