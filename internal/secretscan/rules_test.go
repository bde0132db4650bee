package secretscan

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
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
		"stripe in a sentence":  {"Pay back with the key " + stripeLive + ".", "", "stripe-access-token", Secret},
		"stripe in brackets":    {"the key (" + stripeLive + ") is ours", "", "stripe-access-token", Secret},
		"stripe in a page":      {"<td><code>" + stripeLive + "</code></td>", "", "stripe-access-token", Secret},
		"stripe in bold":        {"**" + stripeLive + "**, and", "", "stripe-access-token", Secret},
		"stripe in an address":  {"https://pay.acme.example/?key=" + stripeLive + "&a=1", "", "stripe-access-token", Secret},
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
		"rails":                 {"3f2a9b8c7d6e5f4a" + "3b2c1d0e9f8a7b6c\n", "config/master.key", "rails-master-key", Secret},
		"django":                {"SECRET_KEY = 'k3j&8m$2p(q!kz9)w@e7r^" + "t5y*u3i1o-aslkdjfhg'", "settings.py", "django-secret-key", Secret},
		"django's template":     {"SECRET_KEY = 'django-insecure-" + "x&8m$2p(q!kz9)w@e7r^t5y*u3i1o-asl'", "settings.py", "django-secret-key", Secret},
		"laravel":               {"'key' => 'base64:" + "k3J9xQ2mV7bN4cL8wR5tY1uP6sD0fG3hAbCdEfGhIjK=',", "config/app.php", "laravel-app-key", Secret},
		"postmark in a call":    {"new postmark.ServerClient('" + postmark + "')", "mail.js", "postmark-client-token", Secret},
		"signing":               {"jwt.sign({ id }, '" + "k3J9xQ2mV7bN4cL8wR5tY1uP'" + ")", "a.js", "jwt-signing-secret", Secret},
		"google in an address":  {"`https://generativelanguage.googleapis.com/v1/m:generate?key=AI" + "zaSyD3kP9xQ2mV7bN4cL8wR5tY1uP6sD0fG3h&alt=sse`", "", "google-key-in-address", Secret},
		"google maps":           {`<script src="https://maps.googleapis.com/maps/api/js?key=AI` + `zaSyD3kP9xQ2mV7bN4cL8wR5tY1uP6sD0fG3h&callback=x">`, "", "google-key-in-address", Public},
		"firebase by project":   {`{apiKey:"AI` + `zaSyD3kP9xQ2mV7bN4cL8wR5tY1uP6sD0fG3h",projectId:"acme"}`, "", "gcp-api-key", Public},
		"paddle":                {`Paddle.Initialize({token:"live_` + `7d279f61a3499fed520f7cd8c08"})`, "", "public-paddle", Public},
		"pusher":                {`VITE_PUSHER_APP_KEY="` + `k3j9xq2mv7bn4cl8wr5t"`, "src/a.js", "generic-api-key", Public},
		"mixpanel":              {`const MIXPANEL_TOKEN = "` + `3f2a9b8c7d6e5f4a3b2c1d0e9f8a7b6c"`, "src/a.js", "generic-api-key", Public},
		"datadog in a browser":  {`clientToken:"pub` + `3f2a9b8c7d6e5f4a3b2c1d0e9f8a7b6c"`, "src/a.js", "generic-api-key", Public},
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
		"a message of dotenv":    {"set DOTENV_KEY=dotenv://:" + "key_1234" + "@dotenv.org/vault/.env.vault?environment=production", "server.js"},
		"the example of jwt.io":  {"Bearer " + jwt(map[string]any{"sub": "1234567890", "name": "John Doe", "iat": 1516239022}), "api.ts"},
		"the example of OAuth":   {`"access_token":"2YotnFZFEjr1zCsicMWpAA"`, "openapi.json"},
		"words to be replaced":   {"JWT_SECRET=some-long-random-string\nSMTP_PASSWORD=mypassword\n", ".env.example"},
		"a sealed secret":        {"kind: SealedSecret\n  encryptedData:\n    password: AgBy3i4OJSWK" + "PiTySYZZA9rO43cGDEqk3J9xQ2mV7bN4cL8wR5t", "sealed.yaml"},
		"a key of Next's build":  {`{"previewModeSigningKey":"` + "9f1c0a7be2d84435a6c7d8e9f0b1a2c3" + `"}`, ".next/prerender-manifest.json"},
		"css and data addresses": {`background:url(data:image/png;base64,iVBORw0KGgo=@2x)`, "a.css"},
	} {
		for _, f := range e.Scan(t.Context(), Text{Content: tt.text, Path: tt.path}) {
			if f.Class != Public {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// What opens a test system alone, or nothing for certain, is less grave.
func TestGrades(t *testing.T) {
	t.Parallel()
	e := engine(t, Options{})
	const hex = "9f1c0a7be2d84435a6c7d8e9f0b1a2c3" + "d4e5f60718293a4b5c6d7e8f90a1b2c3"
	for name, tt := range map[string]struct {
		text, path string
		want       Grade
	}{
		"a comment":         {"# config.secret_key = '" + hex + "'", "config/initializers/devise.rb", Moderate},
		"code":              {"config.secret_key = '" + hex + "'", "config/initializers/devise.rb", Grave},
		"for tests":         {"test:\n  secret_key_base: " + hex, "config/secrets.yml", Moderate},
		"for production":    {"test:\n  a: b\nproduction:\n  secret_key_base: " + hex, "config/secrets.yml", Grave},
		"variables of test": {"JWT_SECRET=test-secret-for-ci-only", ".env.testing", Moderate},
		"variables":         {"JWT_SECRET=a-secret-for-all-of-us", ".env", Grave},
		"django's template": {"SECRET_KEY = 'django-insecure-" + "x&8m$2p(q!kz9)w@e7r^t5y*u3i1o-asl'", "settings.py", Moderate},
	} {
		if got := e.Scan(t.Context(), Text{Content: tt.text + "\n", Path: tt.path}); len(got) != 1 || got[0].Grade != tt.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A key on the same line as another is found: all of a bundle may be one line.
func TestOneLine(t *testing.T) {
	t.Parallel()
	text := `{"stripe":"pk_` + `live_51HqJ2eKz8YvTnW3xRb0cQmLpDfGaU7sEi","sessionSecret":"` + "k3J9xQ2mV7bN4cL8wR5tY1uP6sD0fG3h" + `"}`
	got := told(engine(t, Options{}).Scan(t.Context(), Text{Content: text, Name: "x"}))
	if len(got) != 2 {
		t.Errorf("%q", got)
	}
}

// The mappings of a source map are numbers; its sources are text.
func TestSourceMap(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, content, numbers string) {
		text := `{"version":3,"sources":["src/cloudflare.ts"],"sourcesContent":["` + content + `"],"mappings":"` + numbers + `"}`
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.js.map", "x", "AAAA;gh"+"p_9aZ8bY7cX6dW5eV4fU3gT2hS1iR0jQ9kP8lO;BAAA")
	write("b.js.map", "k='"+githubToken+"'", "AAAA")
	got := engine(t, Options{}).Artifacts(t.Context(), []string{folder})
	if len(got.Findings) != 1 || !strings.HasSuffix(got.Findings[0].File, "/b.js.map") || len(got.Gaps) > 0 {
		t.Errorf("%q %v", told(got.Findings), got.Gaps)
	}
}
