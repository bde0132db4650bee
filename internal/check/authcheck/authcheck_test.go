package authcheck

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func TestDefinition(t *testing.T) {
	if err := Definition.Validate(); err != nil {
		t.Error(err)
	}
}

// Portals in other styles: each fault is found by its rule and by no other.
func TestPortals(t *testing.T) {
	t.Parallel()
	prefix := "session.cookie_prefix" // neither framework has it by default
	for name, test := range map[string]struct {
		server server
		portal probe.Portal
		paths  []string
		fails  []string
	}{
		"a form in order":            {djangoLike(""), djangoPortal, nil, []string{prefix}},
		"a form that tells":          {djangoLike("tells"), djangoPortal, nil, []string{"authn.enum_login", prefix}},
		"a form without logout":      {djangoLike("undead"), djangoPortal, nil, []string{prefix, "session.survives_logout"}},
		"a form that keeps the id":   {djangoLike("fixed"), djangoPortal, nil, []string{prefix, "session.fixation"}},
		"a form over HTTP":           {djangoLike("insecure"), djangoPortal, nil, []string{prefix, "session.cookie_secure"}},
		"200 for everything":         {phpLike(""), phpPortal, []string{"/anything"}, []string{prefix}},
		"200, and any session":       {phpLike("any"), phpPortal, nil, []string{"authn.bypass", prefix}},
		"a page that is not guarded": {djangoLike("open"), djangoPortal, nil, []string{"authn.bypass"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := spec(test.portal)
			s.ProtectedPaths = test.paths
			got, result := statuses(t, serve(t, test.server), s)
			for _, rule := range []string{ruleIdle, ruleAbsolute} {
				if name != "200, and any session" && got[rule] != readiness.Inconclusive {
					t.Errorf("%s is %s: a cookie does not tell", rule, got[rule])
				}
			}
			if fails := failing(got); !slices.Equal(fails, test.fails) {
				t.Errorf("fails %v, want %v", fails, test.fails)
				for _, f := range result.Findings {
					if f.Status == readiness.Fail {
						t.Log(f.Rule, f.Subject, f.Message)
					}
				}
			}
		})
	}
}

// jwtLike gives JWTs with a shared secret and cannot revoke them, as many a
// backend does.
func jwtLike(secret string, life time.Duration, loose bool) server {
	header := segment(map[string]any{"alg": "HS256", "typ": "JWT"})
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /auth":
			var in map[string]string
			_ = json.NewDecoder(r.Body).Decode(&in)
			if in["email"] != memberName || in["password"] != memberWord {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			now := time.Now()
			claims := segment(map[string]any{"sub": "m1", "iat": now.Unix(), "exp": now.Add(life).Unix()})
			fmt.Fprintf(w, `{"token":%q}`, signed(header+"."+claims, "HS256", []byte(secret)))
		case "GET /me":
			text := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			t, ok := parseJWT(text)
			end, _ := t.moment("exp")
			if !ok || signed(t.parts[0]+"."+t.parts[1], "HS256", []byte(secret)) != text && !loose || time.Now().After(end) || t.algorithm() != "HS256" && !loose {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fmt.Fprintf(w, `{"id":"m1","email":%q}`, memberName)
		case "POST /out": // the client forgets the token
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}

func TestTokenPortals(t *testing.T) {
	t.Parallel()
	portal := probe.Portal{SignIn: probe.SignInRequest{Path: "/auth", TokenPointer: "/token"}, SignOut: probe.SignOutRequest{Path: "/out"}, WhoAmI: "/me"}
	for name, test := range map[string]struct {
		server server
		fails  []string
		noOut  bool
	}{
		"no sign-out at all":    {jwtLike(drawn()+drawn(), time.Hour, false), []string{"session.survives_logout"}, true},
		"a week, never revoked": {jwtLike(drawn()+drawn(), 7*24*time.Hour, false), []string{"session.no_idle_limit", "session.survives_logout"}, false},
		"a word as secret":      {jwtLike("changeme", time.Hour, false), []string{"jwt.weak_secret", "session.survives_logout"}, false},
		"not verified":          {jwtLike(drawn()+drawn(), time.Hour, true), []string{"authn.bypass", "jwt.signature_ignored", "session.survives_logout"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := portal
			if test.noOut {
				portal.SignOut.Path = ""
			}
			got, _ := statuses(t, serve(t, test.server), spec(portal))
			if fails := failing(got); !slices.Equal(fails, test.fails) {
				t.Errorf("fails %v, want %v", fails, test.fails)
			}
		})
	}
}

// What keeps anybody from signing in is told, and nothing else is decided.
func TestNobodySignsIn(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) server {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				return
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	portal := probe.Portal{SignIn: probe.SignInRequest{Path: "/auth", TokenPointer: "/token"}, WhoAmI: "/me"}
	for name, test := range map[string]struct {
		server server
		status readiness.Status
		words  string
	}{
		"a wrong password":    {answer(401, ""), readiness.Fail, "refused with 401"},
		"a locked account":    {answer(423, ""), readiness.Fail, "locked"},
		"locked, in words":    {answer(403, `{"message":"Your account has been disabled"}`), readiness.Fail, "locked"},
		"200 with an error":   {answer(200, `{"error":"no"}`), readiness.Fail, "with an error"},
		"no such path":        {answer(404, ""), readiness.Fail, "not where one signs in"},
		"a broken sign-in":    {answer(500, ""), readiness.Fail, "answered 500"},
		"throttled":           {answer(429, ""), readiness.Inconclusive, "throttled"},
		"an answer of a kind": {answer(200, `{"id":1}`), readiness.Fail, "no token at /token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, result := statuses(t, serve(t, test.server), spec(portal))
			for rule, status := range got {
				if want := map[bool]readiness.Status{true: test.status, false: readiness.Inconclusive}[rule == ruleLogin]; status != want {
					t.Errorf("%s is %s, want %s", rule, status, want)
				}
			}
			i := slices.IndexFunc(result.Findings, func(f readiness.Finding) bool { return f.Rule == ruleLogin })
			if !strings.Contains(result.Findings[i].Message, test.words) {
				t.Errorf("%q lacks %q", result.Findings[i].Message, test.words)
			}
		})
	}
}

// A test that is turned off is no pass, and sends nothing.
func TestDisabled(t *testing.T) {
	t.Parallel()
	s := spec(djangoPortal)
	s.Disabled = true
	got, _ := statuses(t, serve(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") }), s)
	for rule, status := range got {
		if status != readiness.Inconclusive {
			t.Errorf("%s is %s", rule, status)
		}
	}
}

// An attestation answers what no probe can see.
func TestAttested(t *testing.T) {
	t.Parallel()
	catalogue, err := readiness.NewCatalogue(rules())
	if err != nil {
		t.Fatal(err)
	}
	_, result := statuses(t, serve(t, djangoLike("")), spec(djangoPortal))
	expires, _ := readiness.ParseDate("2099-01-01")
	for _, rule := range []string{ruleIdle, ruleAbsolute} {
		card := readiness.Decide(catalogue, []readiness.Result{result}, readiness.Policy{FailOn: readiness.Low, Attestations: []readiness.Attestation{
			{Rule: rule, Statement: "s", Owner: "o", Evidence: "https://example.com", Expires: expires},
		}}, time.Now())
		if slices.ContainsFunc(card.Violations, func(f readiness.Finding) bool { return f.Rule == rule }) {
			t.Errorf("%s stands although it is attested", rule)
		}
	}
}
