package expr

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// request is one request as the edge would describe it.
func request() Values {
	mac := hmac.New(sha256.New, []byte("key"))
	mac.Write([]byte("/cat.jpg1484063787"))
	return Values{
		"http.host": "portal.acme.example", "http.request.method": "POST",
		"http.request.uri":      "/cat.jpg?verify=1484063787-" + url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil))),
		"http.request.uri.path": "/API/Login", "http.request.uri.query": "a=1&b=%3Cscript%3E",
		"http.request.uri.args":      map[string][]string{"a": {"1"}, "b": {"x", "<script>"}},
		"http.request.headers":       map[string][]string{"accept": {"text/html", "*/*"}, "x-json": {`{"user":{"ids":[7,8],"name":"mira"}}`}},
		"http.request.headers.names": []string{"accept", "x-json"},
		"http.cookie":                "session=1; theme=dark", "http.user_agent": `Mozilla "5.0" \ é`,
		"ip.src": netip.MustParseAddr("203.0.113.7"), "ip.src.country": "NL", "ip.src.asnum": int64(64500),
		"ssl": true, "cf.client.bot": false, "http.response.code": int64(404), "http.request.timestamp.sec": int64(1484063800),
	}
}

func TestMatch(t *testing.T) {
	for expression, want := range map[string]bool{
		`true`: true, `false`: false, `ssl`: true, `not ssl`: false, `!ssl`: false, `not not ssl`: true,
		`http.host eq "portal.acme.example"`: true, `http.host == "acme.example"`: false, `http.host != "x"`: true, `http.host ne "portal.acme.example"`: false,
		`(http.host eq "x" or http.request.method == "POST") && ssl`: true,
		// not binds tighter than and, that than xor, that than or.
		`ssl or ssl and cf.client.bot`: true, `not cf.client.bot and cf.client.bot`: false, `ssl xor ssl and cf.client.bot`: true,
		`ssl or ssl xor ssl`: true, `ssl ^^ ssl`: false, `ssl || cf.client.bot`: true,
		`http.request.uri.path contains "Login"`: true, `http.request.uri.path contains "login"`: false,
		`starts_with(lower(http.request.uri.path), "/api/")`: true, `starts_with(http.request.uri.path, "/api/")`: false,
		`ends_with(upper(http.request.uri.path), "LOGIN")`: true,
		`http.request.uri.path matches "^/API/[A-Z]\\w+$"`: true, `http.request.uri.path ~ r"^/API/\d"`: false,
		`http.request.uri.path wildcard "/api/*"`: true, `http.request.uri.path strict wildcard "/api/*"`: false, `http.request.uri.path strict wildcard r"/A*I/Log*"`: true,
		`http.request.uri.path wildcard "/api\\*"`: false, `http.request.uri.path wildcard "/api"`: false,
		`http.request.uri.path in {"/login" "/API/Login"}`: true, `not http.request.method in {"GET" "HEAD"}`: true,
		`ip.src in {10.0.0.0/8 203.0.113.0/24}`: true, `ip.src in {203.0.113.8..203.0.113.9}`: false, `ip.src in {203.0.113.1..203.0.113.9 2001:db8::/32}`: true,
		`ip.src eq 203.0.113.7`: true, `ip.src in {f00d::1 ::1}`: false, `ip.src ne 203.0.113.7`: false,
		`ip.src.asnum in {1..5 64500}`: true, `ip.src.asnum gt 64500`: false, `ip.src.asnum >= 64500 and ip.src.asnum lt 0xFFFF`: true,
		`http.response.code in {400..499}`: true, `ip.src.asnum le -1`: false,
		`http.user_agent contains "\"5.0\" \\ \xc3\xa9"`: true, `http.user_agent contains r#""5.0" \"#`: true,
		`http.request.headers["accept"][0] eq "text/html"`: true, `http.request.headers["accept"][9] eq "text/html"`: false,
		`any(http.request.headers["accept"][*] eq "*/*")`: true, `all(http.request.headers["accept"][*] eq "*/*")`: false,
		`any(lower(http.request.uri.args["b"][*])[*] contains "<script")`: true, `any(starts_with(http.request.headers["accept"][*], "*"))`: true,
		`any(not http.request.headers["accept"][*] contains "/")`:                                        false,
		`any(http.request.uri.args["b"][*] eq "x" and http.request.headers["accept"][*] eq "text/html")`: true,
		`any(len(http.request.headers["accept"][*])[*] lt 4)`:                                            true,
		// What is missing is unequal to everything, and nothing else.
		`http.request.headers["authorization"][0] eq "x"`: false, `http.request.headers["authorization"][0] ne "x"`: true,
		`len(http.request.headers["authorization"]) > 0`: false, `len(http.request.headers["accept"]) eq 2`: true,
		`any(http.request.headers["authorization"][*] eq "x")`: false, `http.referer contains ""`: false,
		`has_key(http.request.headers, "accept")`: true, `has_key(http.request.headers, "te")`: false, `has_value(http.request.uri.args, "<script>")`: true,
		`has_value(http.request.headers.names, "accept")`:        true,
		`url_decode(http.request.uri.query) contains "<script>"`: true, `url_decode("%253C", "r") eq "<"`: true, `url_decode("%253C+%") eq "%3C %"`: true,
		`len(http.host) eq 19`: true, `concat("https://", http.host, http.request.uri.path) eq "https://portal.acme.example/API/Login"`: true,
		`substring(http.host, 0, 6) eq "portal"`: true, `substring(http.host, -7) eq "example"`: true, `substring(http.host, 9, 3) eq ""`: true,
		`to_string(ip.src.asnum) eq "64500"`: true, `regex_replace(http.host, "^([a-z]+)\\..*$", "${1}!") eq "portal!"`: true,
		`wildcard_replace(http.request.uri.path, "/api/*", "/v1/${1}") eq "/v1/Login"`: true, `wildcard_replace(http.request.uri.path, "/api/*", "/v1/${1}", "s") eq "/API/Login"`: true,
		`lookup_json_string(http.request.headers["x-json"][0], "user", "name") eq "mira"`: true, `lookup_json_integer(http.request.headers["x-json"][0], "user", "ids", 1) eq 8`: true,
		`lookup_json_string(http.host, "user") eq "mira"`: false,
		`split(http.cookie, "; ", 5)[1] eq "theme=dark"`:  true, `any(split(http.cookie, "; ", 5)[*] eq "session=1")`: true, `join(split(http.cookie, "; ", 5), "|") eq "session=1|theme=dark"`: true,
		`encode_base64(sha256("a"), "p") eq "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="`: true, `decode_base64("YQ==") eq "a"`: true,
		`cidr(ip.src, 24, 64) eq 203.0.113.0`:                                                   true,
		`is_timed_hmac_valid_v0("key", http.request.uri, 100, http.request.timestamp.sec, 8)`:   true,
		`is_timed_hmac_valid_v0("key", http.request.uri, 10, http.request.timestamp.sec, 8)`:    false,
		`is_timed_hmac_valid_v0("other", http.request.uri, 100, http.request.timestamp.sec, 8)`: false,
	} {
		e, err := Parse(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if got, err := e.Match(request()); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", expression, got, err, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, tc := range []struct {
		expression string
		offset     int
		message    string // contained
	}{
		{``, 0, "empty"}, {`http.hots eq "a"`, 0, "unknown field"}, {`ssl and nothing(http.host)`, 8, "unknown function"},
		{`http.host eq 5`, 13, "string cannot be compared to `5`"}, {`ip.src.asnum eq "5"`, 16, "integer cannot be compared"}, {`ip.src eq "10.0.0.1"`, 10, "IP address cannot"},
		{`ip.src eq 10.0.0.0/8`, 10, "not an IP address"}, {`ip.src in {10.0.0.300}`, 11, "neither an IP address"}, {`ip.src in {10.0.0.9..10.0.0.1}`, 11, "before it begins"},
		{`http.host eq http.referer`, 13, "compared"}, {`http.host eq "a`, 13, "does not end"}, {`http.host eq "\d"`, 14, "unknown escape"},
		{`http.host matches "("`, 18, "missing closing"}, {`ip.src.asnum contains "5"`, 13, "for strings"}, {`http.host in {}`, 10, "empty"}, {`http.host in {"a"`, 17, "expected `}`"},
		{`http.host in {"a", "b"}`, 17, "compared"}, {`http.host`, 0, "boolean is needed"}, {`(ssl`, 4, "expected `)`"}, {`ssl)`, 3, "expected an operator"}, {`ssl ssl`, 4, "expected an operator"},
		{`ssl eq true`, 7, "cannot be compared"}, {`not http.host`, 4, "not needs"}, {`ssl and http.host`, 4, "joins booleans"}, {`http.host and ssl`, 10, "joins"},
		{`http.request.headers["a"][*] eq "x"`, 0, "array of booleans"}, {`http.request.headers["a"] eq "x"`, 29, "cannot be compared"}, {`http.request.headers[0] eq "x"`, 21, "cannot be taken"},
		{`lower(http.host, "x") eq "a"`, 0, "takes 1"}, {`lower(ip.src) eq "a"`, 6, "argument 1"}, {`starts_with(http.host) `, 0, "takes 2"}, {`any(ssl)`, 4, "argument 1"},
		{`http.host wildcard "a**"`, 19, "next to each other"}, {`http.host strict "a"`, 17, "expected `wildcard`"}, {`ip.src in $office`, 10, "lists"}, {`http.host = "a"`, 10, "unexpected"},
		{`regex_replace(http.host, http.cookie, "x") eq "a"`, 0, "literal"}, {`"a" eq "b"`, 0, "expected a field"}, {"http.host eq \"\xff\"", 0, "UTF-8"},
		{strings.Repeat("(", 200) + "ssl", 100, "nested"}, {strings.Repeat("!", 200) + "ssl", 100, "nested"}, {`http.host eq "` + strings.Repeat("a", MaxLength) + `"`, MaxLength, "longer"},
	} {
		_, err := Parse(tc.expression)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset != tc.offset || !strings.Contains(syntax.Message, tc.message) {
			t.Errorf("%.60s: %v, want %q at %d", tc.expression, err, tc.message, tc.offset)
		}
	}
}

func TestParseValue(t *testing.T) {
	for expression, want := range map[string]string{
		`concat("https://", http.host, http.request.uri.path)`: "https://portal.acme.example/API/Login",
		`"plain"`: "plain", `http.referer`: "", `http.request.headers["accept"][1]`: "*/*",
		`concat("code ", http.response.code, http.referer)`: "code 404",
	} {
		e, err := ParseValue(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if got, err := e.Text(request()); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", expression, got, err, want)
		}
	}
	for _, expression := range []string{`ssl`, `http.host eq "a"`, `ip.src.asnum`, `concat()`, `http.request.headers["a"]`} {
		if _, err := ParseValue(expression); err == nil {
			t.Errorf("%s was taken for a string", expression)
		}
	}
}

// TestUses is what plan limits are judged by.
func TestUses(t *testing.T) {
	e, err := Parse(`http.host matches "a" or lower(http.request.uri.path) eq "/matches" or http.host eq "b"`)
	if err != nil {
		t.Fatal(err)
	}
	if !e.UsesRegex() || !slices.Equal(e.Fields(), []string{"http.host", "http.request.uri.path"}) || !slices.Equal(e.Functions(), []string{"lower"}) {
		t.Errorf("regex %v, fields %v, functions %v", e.UsesRegex(), e.Fields(), e.Functions())
	}
	if e, err = Parse(`http.host eq "matches"`); err != nil || e.UsesRegex() {
		t.Errorf("a string was taken for an operator: %v", err)
	}
	if _, err := e.Match(Values{"http.host": 5}); err == nil {
		t.Error("a value of another type was taken")
	}
	if _, err := e.Text(request()); err == nil {
		t.Error("a boolean was taken for a string")
	}
}

// FuzzParse holds that nothing makes the parser panic, and that what it takes
// evaluates, with every field missing or not.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`(http.host eq "a" and not ip.src in {10.0.0.0/8 ::1..::5}) or http.request.uri.path ~ r#"x"#`,
		`any(lower(http.request.headers["a"][*])[*] contains "b") xor len(http.cookie) > 0`,
		`concat("a", substring(http.host, -3, 2), wildcard_replace(http.host, "*.*", "${1}"))`,
		`is_timed_hmac_valid_v0("k", http.request.uri, 1, 2, 3, "s") and has_value(http.request.headers.names, 5)`,
		`cidr(ip.src, 129, -1) eq ::1 or encode_base64(sha256(url_decode("%", "r")), "up") strict wildcard "\\*"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := Parse(text); err == nil {
			for _, v := range []Values{nil, request()} {
				if _, err := e.Match(v); err != nil {
					t.Error(err)
				}
			}
		}
		if e, err := ParseValue(text); err == nil {
			for _, v := range []Values{nil, request()} {
				if _, err := e.Text(v); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
