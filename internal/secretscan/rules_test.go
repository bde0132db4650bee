package secretscan

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func jwt(claims map[string]any) string {
	payload, _ := json.Marshal(claims)
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + enc(payload) + "." + enc([]byte("a signature that nobody checks.."))
}

// Keys that portals have, those that gitleaks has no rule for among them, and
// what is meant for everybody.
func TestKinds(t *testing.T) {
	t.Parallel()
	e := engine(t, Options{})
	for name, tt := range map[string]struct {
		text, path, rule string
		class            Class
	}{
		"stripe":                {`const k = "` + stripeLive + `";`, "", "stripe-access-token", Secret},
		"stripe test":           {`const k = "` + strings.Replace(stripeLive, "live", "test", 1) + `";`, "", "stripe-access-token", Secret},
		"github":                {"token: " + githubToken, "", "github-pat", Secret},
		"aws":                   {"aws_access_key_id = " + awsKey, "", "aws-access-token", Secret},
		"webhook":               {"SECRET='" + webhookKey + "'", "", "stripe-webhook-secret", Secret},
		"resend":                {"x = '" + resendKey + "'", "", "resend-api-key", Secret},
		"supabase secret":       {"x = '" + supabaseKey + "'", "", "supabase-secret-key", Secret},
		"turnstile secret":      {"x = '" + turnstile + "'", "", "turnstile-secret-key", Secret},
		"postmark":              {"POSTMARK_SERVER_TOKEN=" + postmark, "", "postmark-server-token", Secret},
		"database":              {"DATABASE_URL=" + databaseURL, "", "url-password", Secret},
		"database in json":      {`{"url":"` + databaseURL + `"}`, "", "url-password", Secret},
		"redis without user":    {"redis://:" + "q8Zk2pLw7" + "@cache.acme-hosting.net:6379", "", "url-password", Secret},
		"pem":                   {pem, "", "private-key", Secret},
		"short password in env": {"SMTP_PASSWORD=Winter24", ".env", "env-file-secret", Secret},
		"session secret in env": {"SESSION_SECRET=" + "k3J9xQ2mV7bN4cL8wR5tY1uP6sD0fG3h", ".env.production", "", Secret},
		"bcrypt":                {"$2b$12$" + "R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW", "", "bcrypt-hash", Secret},
		"service role":          {`"` + jwt(map[string]any{"iss": "supabase", "role": "service_role", "ref": "abcdefghijklmnop"}) + `"`, "", "jwt", Secret},
		"anon":                  {`"` + jwt(map[string]any{"iss": "supabase", "role": "anon", "ref": "abcdefghijklmnop"}) + `"`, "", "jwt", Public},
		"another token":         {`"` + jwt(map[string]any{"sub": "17", "iss": "https://portal.acme.example"}) + `"`, "", "jwt", Secret},
		"firebase":              {`{apiKey:"AI` + `zaSyD3kP9xQ2mV7bN4cL8wR5tY1uP6sD0fG3h",authDomain:"acme.firebaseapp.com"}`, "", "gcp-api-key", Public},
		"google elsewhere":      {`GEMINI = "AI` + `zaSyD3kP9xQ2mV7bN4cL8wR5tY1uP6sD0fG3h"`, "", "gcp-api-key", Secret},
		"stripe publishable":    {`Stripe("pk_` + `live_51HqJ2eKz8YvTnW3xRb0cQmLpDfGaU7sEi")`, "", "public-stripe-clerk", Public},
		"sentry":                {`dsn:"https://` + `3f2a9b8c7d6e5f4a3b2c1d0e9f8a7b6c@o12345.ingest.sentry.io/67890"`, "", "public-sentry-dsn", Public},
		"sentry with secret":    {`dsn:"https://` + `3f2a9b8c7d6e5f4a3b2c1d0e9f8a7b6c:9b8c7d6e5f4a3b2c1d0e9f8a7b6c3f2a@o12345.ingest.sentry.io/67890"`, "", "url-password", Secret},
		"posthog":               {`posthog.init("phc_` + `k3J9xQ2mV7bN4cL8wR5tY1uP6sD0fG3hAbCdEfGh")`, "", "public-posthog", Public},
		"recaptcha site":        {`sitekey="6L` + `cQ7vT9qLm2Xw8Rb5Yc1Nd7Hf4Jg6Ks0PzW_3e-"`, "", "public-recaptcha-site", Public},
		"mapbox":                {`mapbox.accessToken = "pk.eyJ` + `1IjoiYWNtZSIsImEiOiJjbGFiY2RlZjAxMjM0NTY3ODlhYmMifQ.Zk3vT9qLm2Xw8Rb5Yc1Nd7"`, "", "public-mapbox", Public},
		"unknown key":           {`const sessionSecret = "` + "k3J9xQ2mV7bN4cL8wR5tY1uP6sD0fG3h" + `";`, "src/a.js", "generic-api-key", Unknown},
		"laravel bootstrap.js":  {`window.k = "` + stripeLive + `";`, "resources/js/bootstrap.js", "stripe-access-token", Secret},
		"encoded":               {"data: " + base64.StdEncoding.EncodeToString([]byte("token="+githubToken+" ")), "secret.yaml", "github-pat", Secret},
	} {
		got := e.Scan(t.Context(), Text{Content: tt.text, Path: tt.path, Name: "x"})
		if len(got) != 1 || tt.rule != "" && got[0].Rule != tt.rule || got[0].Class != tt.class {
			t.Errorf("%s: %+v, want one %s %s", name, got, tt.rule, tt.class)
		}
	}
}

// What looks like a secret and is none.
func TestNothing(t *testing.T) {
	t.Parallel()
	e := engine(t, Options{})
	for name, tt := range map[string]struct{ text, path string }{
		"a UUID":                 {`requestKey = "` + postmark + `"`, "a.js"},
		"a monkey":               {`monkey = "k3J9xQ2mV7bN4cL8wR5tY1uP6sD0"`, "a.js"},
		"a cache key":            {`cacheKey: "user-profile-settings-v2"`, "a.js"},
		"an author":              {`author: "jane.doe.1984.example"`, "a.yml"},
		"an integrity":           {`integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"`, "a.html"},
		"localhost":              {"DATABASE_URL=postgres://portal:" + "s3cr3tpw" + "@localhost:5432/portal", "README.md"},
		"a loopback address":     {"redis://:" + "s3cr3tpw" + "@127.0.0.1:6379", "a.md"},
		"an example host":        {"https://user:" + "pa55word!" + "@example.com/", "a.md"},
		"a variable in it":       {"postgres://portal:${DB_PASSWORD}@db.acme.net/portal", "a.yml"},
		"a default of compose":   {"postgres://postgres:postgres@db:5432/app", "a.yml"},
		"the example of AWS":     {"AK" + "IAIOSFODNN7EXAMPLE", "a.md"},
		"a template":             {"SMTP_PASSWORD=changeme\nAPI_KEY=your-key-here\nJWT_SECRET=${JWT_SECRET}\n", ".env"},
		"public variables":       {"NEXT_PUBLIC_API_KEY=abcdef123456\n", ".env"},
		"a reference":            {`apiKey: process.env.STRIPE_SECRET_KEY_LIVE1`, "a.ts"},
		"a digest":               {`checksum_key = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"`, "a.lock.txt"},
		"a port in an address":   {"see https://acme.example:8443/path and mail a@b.example", "a.md"},
		"npm scoped in a url":    {"https://registry.npmjs.org:443/@scope/package@1.2.3", "a.md"},
		"a translated label":     {`"password_label": "Passwort vergessen 2024"`, "de.json"},
		"css and data addresses": {`background:url(data:image/png;base64,iVBORw0KGgo=@2x)`, "a.css"},
	} {
		for _, f := range e.Scan(t.Context(), Text{Content: tt.text, Path: tt.path}) {
			if f.Class != Public {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}
