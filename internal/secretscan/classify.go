package secretscan

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"regexp"
	"strings"
	"sync"

	"github.com/zricethezav/gitleaks/v8/report"
)

// verdict is what a find is, by its content and what stands around it.
type verdict struct {
	class Class
	grade Grade
	kind  string // empty = as the rule says
	drop  bool   // it is nothing
}

// nearby is how many bytes around a find are looked at.
const nearby = 400

// classify decides what a find of a rule is. around is the text near it; name is
// what findings call the file, whose path is empty where rules are not to know it.
func classify(f report.Finding, around, path, name string) verdict {
	lower := strings.ToLower(around)
	switch {
	case documented(f.Secret):
		return verdict{drop: true}
	case strings.HasPrefix(f.RuleID, publicPrefix):
		return verdict{class: Public}
	case f.RuleID == "jwt" || strings.HasPrefix(f.Secret, "eyJ") && strings.Count(f.Secret, ".") == 2:
		return classifyJWT(f.Secret)
	case f.RuleID == "gcp-api-key", f.RuleID == ruleGoogleAddress:
		return classifyGoogle(lower)
	case f.RuleID == "stripe-access-token":
		return classifyStripe(f, lower)
	case strings.HasPrefix(f.RuleID, "mapbox") && strings.HasPrefix(f.Secret, "pk."):
		return verdict{class: Public, kind: "Mapbox public token"}
	case f.RuleID == "algolia-api-key":
		return classifyAlgolia(strings.ToLower(f.Match), lower)
	case f.RuleID == ruleURL:
		return classifyURL(f)
	case f.RuleID == ruleEnvFile:
		return classifyVariable(f, path)
	case f.RuleID == ruleLaravel && testVariables().MatchString(path):
		return verdict{class: Secret, grade: Moderate}
	case f.RuleID == ruleDjango:
		return classifyDjango(f.Secret)
	case f.RuleID == ruleBcrypt:
		return verdict{class: Secret, grade: Moderate}
	case f.RuleID == ruleGeneric:
		return classifyGeneric(f, around, cmp.Or(path, name), path)
	case placeholder(f.Secret):
		return verdict{drop: true}
	}
	return verdict{class: Secret}
}

// classifyJWT reads what a token says of itself (RFC 7519). A key of Supabase is
// a token whose role decides: anon is meant for everybody, service_role goes
// past every rule of the database.
func classifyJWT(token string) verdict {
	var claims struct {
		Role string `json:"role"`
		Iss  string `json:"iss"`
		Sub  any    `json:"sub"`
		Name string `json:"name"`
	}
	parts := strings.Split(token, ".")
	if len(parts) < 2 {
		return verdict{class: Secret}
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil || json.Unmarshal(raw, &claims) != nil {
		return verdict{class: Secret, kind: "JSON Web Token"}
	}
	switch {
	case claims.Sub == "1234567890" && claims.Name == "John Doe": // the example of jwt.io
		return verdict{drop: true}
	case claims.Role == "service_role" && claims.Iss == "supabase-demo":
		return verdict{class: Secret, grade: Moderate, kind: "Supabase service_role key that its local stack comes with"}
	case claims.Role == "anon" && strings.HasPrefix(claims.Iss, "supabase"):
		return verdict{class: Public, kind: "Supabase anonymous key"}
	case claims.Role == "service_role":
		return verdict{class: Secret, kind: "Supabase service_role key"}
	}
	return verdict{class: Secret, kind: "JSON Web Token"}
}

// classifyGoogle: a key of the Google Cloud is public beside the rest of a
// Firebase configuration or in the address of the Maps script; elsewhere it may
// open what costs money.
func classifyGoogle(around string) verdict {
	for _, sign := range []string{"authdomain", "messagingsenderid", "firebaseapp.com", "auth_domain", "messaging_sender_id", "projectid", "storagebucket", "firebase_api_key", "firebaseapikey", "mobilesdk_app_id", "firebase_url", "gcm_sender_id",
		"maps.googleapis.com/maps/api/", "google.com/maps/embed/", "google_maps", "googlemaps"} {
		if strings.Contains(around, sign) {
			return verdict{class: Public, kind: "Google web key: restrict it by referrer and API"}
		}
	}
	return verdict{class: Secret, kind: "Google API key"}
}

// classifyStripe: Clerk writes its keys as Stripe does.
func classifyStripe(f report.Finding, around string) verdict {
	v := verdict{class: Secret, kind: "secret key of Stripe or Clerk"}
	switch clerk, stripe := strings.Contains(around, "clerk"), strings.Contains(around, "stripe"); {
	case clerk && !stripe:
		v.kind = "Clerk secret key"
	case stripe && !clerk:
		v.kind = "Stripe secret key"
	}
	if strings.Contains(f.Secret, "_test_") {
		v.grade, v.kind = Moderate, v.kind+" (of its test mode)"
	}
	return v
}

func classifyAlgolia(match, around string) verdict {
	switch {
	case strings.Contains(match, "search") || strings.Contains(around, "searchkey") || strings.Contains(around, "search_key") || strings.Contains(around, "search_api"):
		return verdict{class: Public, kind: "Algolia search key"}
	case strings.Contains(match, "admin") || strings.Contains(match, "write"):
		return verdict{class: Secret, kind: "Algolia admin key"}
	}
	return verdict{class: Unknown, kind: "Algolia key: search or admin cannot be told"}
}

// classifyURL drops addresses that open nothing: those of the developer's own
// machine, examples, and those whose password is filled in later. What the rule
// captures is password@host.
func classifyURL(f report.Finding) verdict {
	at := strings.LastIndexByte(f.Secret, '@')
	if at < 0 {
		return verdict{drop: true}
	}
	password, host := f.Secret[:at], strings.ToLower(strings.Trim(f.Secret[at+1:], "[]).,;\\"))
	scheme, _, _ := strings.Cut(strings.ToLower(f.Match), "://")
	ip, err := netip.ParseAddr(host)
	switch {
	case placeholder(password), err == nil && ip.IsLoopback(), !plainHost().MatchString(host):
		return verdict{drop: true}
	case scheme == "dotenv" && len(password) < 40: // as in dotenv's own messages; a key has 64 digits
		return verdict{drop: true}
	case strings.HasPrefix(scheme, "git+ssh"), scheme == "ssh", scheme == "data", scheme == "urn":
		return verdict{drop: true}
	}
	for _, name := range []string{"localhost", "host.docker.internal", "example.com", "example.org", "example.net"} {
		if host == name || strings.HasSuffix(host, "."+name) {
			return verdict{drop: true}
		}
	}
	v := verdict{class: Secret, kind: "password in an address (" + scheme + ")"}
	if !strings.Contains(host, ".") { // the name of a service in a composition of containers
		v.grade = Moderate
	}
	return v
}

var plainHost = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9_][a-z0-9._-]*$`) })

// placeholder reports whether a value stands for one that is filled in
// elsewhere, or is one that everybody tries first.
func placeholder(s string) bool {
	lower := strings.ToLower(strings.Trim(s, `"' `))
	if lower == "" || strings.ContainsAny(lower[:1], "$<{%[(*") || strings.Contains(lower, "${") || strings.Contains(lower, "{{") || strings.HasPrefix(lower, "process.env") || strings.HasPrefix(lower, "os.environ") {
		return true
	}
	for _, word := range []string{"changeme", "change-me", "change_me", "changeit", "placeholder", "your-", "your_", "yourpassword", "example", "dummy", "xxxx", "****", "....", "todo", "fixme", "replace", "redacted", "insert", "not-a-real", "notreal", "fake"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	switch lower {
	case "password", "passwd", "pass", "secret", "postgres", "postgresql", "mysql", "root", "admin", "user", "username", "test", "testing", "guest", "default", "null", "none",
		"true", "false", "undefined", "mongo", "redis", "rabbitmq", "minio", "minioadmin", "localhost", "development", "token", "pwd", "pw", "secret123", "password123", "123456", "12345678":
		return true
	}
	return strings.Count(lower, lower[:1]) == len(lower)
}

// publicVariable reports whether a bundler hands a variable to the browser by
// its name, and the name does not say that it is secret.
func publicVariable(match string) bool {
	name, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(match)), "=")
	for _, prefix := range []string{"NEXT_PUBLIC_", "VITE_", "REACT_APP_", "PUBLIC_", "EXPO_PUBLIC_", "GATSBY_", "NUXT_PUBLIC_", "MIX_"} {
		if strings.HasPrefix(name, prefix) {
			return !strings.Contains(name, "SECRET") && !strings.Contains(name, "PASS") && !strings.Contains(name, "PRIVATE")
		}
	}
	return false
}
