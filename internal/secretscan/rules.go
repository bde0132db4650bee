package secretscan

import (
	"regexp"
	"strings"
	"sync"

	"github.com/zricethezav/gitleaks/v8/config"
)

// publicPrefix begins the ids of rules for keys that are meant for everybody.
const publicPrefix = "public-"

// textual are the endings of files among those that the default configuration leaves
// out, in which text may stand: drawings, scenes, and data of any kind.
var textual = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\|(?:svg|bin|gltf)\b`) })

// narrow takes out of the default configuration what it leaves unread: whole
// files by names that a portal's own code may have, such as Laravel's
// resources/js/bootstrap.js, or by endings of files that may hold text, values that
// merely contain "false", and keys that stand in a sentence or a page. What vendors
// and package managers write stays out.
func narrow(c *config.Config) error {
	for i, a := range c.Allowlists {
		// A new list: the old one has joined its expressions already.
		b := &config.Allowlist{
			Description: a.Description, MatchCondition: a.MatchCondition, Commits: a.Commits, RegexTarget: a.RegexTarget, StopWords: a.StopWords,
		}
		for _, p := range a.Paths {
			if strings.Contains(p.String(), "bootstrap") || strings.Contains(p.String(), `javascript\.json`) {
				continue
			}
			if text := textual().ReplaceAllString(p.String(), ""); text != p.String() {
				p = regexp.MustCompile(text)
			}
			b.Paths = append(b.Paths, p)
		}
		for _, r := range a.Regexes {
			if r.String() == `(?i)^true|false|null$` {
				r = regexp.MustCompile(`(?i)^(?:true|false|null)$`)
			}
			b.Regexes = append(b.Regexes, r)
		}
		if err := b.Validate(); err != nil {
			return err
		}
		c.Allowlists[i] = b
	}
	for id, r := range c.Rules {
		if r.Regex == nil || id == "jwt" || id == "gcp-api-key" { // which have rules of their own for other places
			continue
		}
		if token, ok := strings.CutSuffix(r.Regex.String(), endInCode); ok && strings.HasPrefix(token, `\b(`) {
			r.Regex = regexp.MustCompile(token + endInText)
			c.Rules[id] = r
		}
	}
	return nil
}

// What ends a key that is known by its beginning: gitleaks knows of code alone; in
// a sentence, a list or a page it stands before a full stop, a bracket or a tag.
const (
	endInCode = "(?:[\\x60'\"\\s;]|\\\\[nr]|$)"
	endInText = "(?:[\\x60'\"\\s;,:!?)\\]}<>*|&]|\\.(?:[\\s<*)]|$)|\\\\|$)"
)

// ownSecrets are rules for keys of portals that gitleaks has no rule for. Forms
// are those that the vendors document.
func ownSecrets() []config.Rule {
	rule := func(id, description, expression string, keywords ...string) config.Rule {
		return config.Rule{RuleID: id, Description: description, Regex: regexp.MustCompile(expression), Keywords: keywords, SecretGroup: 1}
	}
	placed := func(r config.Rule, path string) config.Rule {
		r.Path = regexp.MustCompile(path)
		return r
	}
	const uuid = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
	return []config.Rule{
		rule(ruleURL, "Password in an address",
			"\\b(?:[a-z][a-z0-9+.-]{1,20})://[^\\s:/@\"'<>`]{0,80}:([^\\s/@\"'<>`]{3,200}@[^\\s/@\"'<>`:?#]{1,200})", "://"),
		rule("stripe-webhook-secret", "Stripe webhook signing secret", `\b(whsec_[A-Za-z0-9+/=]{24,80})`, "whsec_"),
		rule("supabase-secret-key", "Supabase secret key", `\b(sb_secret_[A-Za-z0-9_-]{20,80})`, "sb_secret_"),
		rule("resend-api-key", "Resend API key", `\b(re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24})\b`, "re_"),
		rule("postmark-server-token", "Postmark token", `(?i)POSTMARK[A-Z_]{0,20}TOKEN["'\s]{0,3}(?:=|:|=>)\s*["']?(`+uuid+`)\b`, "postmark"),
		rule("postmark-client-token", "Postmark token", `(?i)postmark[\w.-]{0,30}(?:client|server-token|account-token)["'\s]{0,3}(?:\(|=>|=|:|,)\s*["']?(`+uuid+`)\b`, "postmark"),
		rule(ruleLaravel, "Laravel APP_KEY", `\b(base64:[A-Za-z0-9+/]{43}=)`, "base64:"),
		rule(ruleDjango, "SECRET_KEY of Django or Flask", `\bSECRET_KEY["'\]]{0,2}\s*[=:]\s*["']([^"'\s]{20,200})["']`, "secret_key"),
		rule(ruleSigning, "Secret that JSON Web Tokens are signed with", `(?i)\bjwt\.(?:sign|verify|encode|decode)\(\s*[^,"'\n]{1,80},\s*["']([^"'\s]{12,200})["']`, "jwt."),
		rule(ruleGoogleAddress, "Google API key", `[?&]key=(AIza[\w-]{35})[&<#)\\]`, "aiza"),
		placed(rule("rails-master-key", "Key of the credentials of Rails", `\A\s*([0-9a-f]{32})\s*\z`), railsKeyPath),
		rule("turnstile-secret-key", "Cloudflare Turnstile secret key", `\b(0x4[A-Za-z0-9_-]{32,40})(?:[^A-Za-z0-9_-]|$)`, "0x4"),
		rule("mapbox-secret-token", "Mapbox secret token", `\b(sk\.eyJ[A-Za-z0-9_-]{20,300}\.[A-Za-z0-9_-]{20,60})`, "sk.eyj"),
		rule(ruleBcrypt, "Hash of a password (bcrypt)", `(\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53})`, "$2a$", "$2b$", "$2x$", "$2y$"),
		placed(rule(ruleEnvFile, "Value of a secret variable",
			`(?m)^[ \t]*(?:export[ \t]+)?[A-Z0-9_]*(?:PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|TOKEN|PRIVATE_KEY|API_?KEY|APP_KEY|ACCESS_KEY|CREDENTIALS?)[ \t]*=[ \t]*["']?([^\s"'#]{6,300})`,
			"pass", "pwd", "secret", "token", "key", "credential"), envFilePath),
	}
}

const (
	ruleURL     = "url-password"
	ruleBcrypt  = "bcrypt-hash"
	ruleEnvFile = "env-file-secret"
	ruleDjango  = "django-secret-key"
	ruleLaravel = "laravel-app-key"
	ruleSigning = "jwt-signing-secret"
	// ruleGoogleAddress is for keys in the middle of an address, where the rule of
	// gitleaks does not look.
	ruleGoogleAddress = "google-key-in-address"
	// ruleGeneric is the rule of gitleaks that knows no vendor.
	ruleGeneric = "generic-api-key"

	railsKeyPath = `(?:^|/)config/(?:master|credentials/[a-z_]+)\.key$`
	envFilePath  = `(?i)(?:^|/)(?:\.env(?:\.[A-Za-z0-9_.-]+)?|[A-Za-z0-9_-]+\.env|\.envrc)$`
)

// ownPublic are rules for keys that belong in pages by design: they are listed,
// so that nobody wonders whether they were seen.
func ownPublic() []config.Rule {
	rule := func(id, description, expression string, keywords ...string) config.Rule {
		return config.Rule{RuleID: publicPrefix + id, Description: description, Regex: regexp.MustCompile(expression), Keywords: keywords, SecretGroup: 1}
	}
	return []config.Rule{
		rule("stripe-clerk", "Publishable key of Stripe or Clerk", `\b(pk_(?:live|test)_[A-Za-z0-9$]{20,120})`, "pk_live_", "pk_test_"),
		rule("supabase", "Supabase publishable key", `\b(sb_publishable_[A-Za-z0-9_-]{20,80})`, "sb_publishable_"),
		rule("sentry-dsn", "Sentry DSN", `\b(https://[0-9a-f]{32}@[a-z0-9.-]+/\d+)`, "@o", "sentry"),
		rule("paddle", "Paddle client-side token", `\b((?:live|test)_[0-9a-f]{27})\b`, "live_", "test_"),
		rule("posthog", "PostHog project key", `\b(phc_[A-Za-z0-9]{30,60})\b`, "phc_"),
		rule("turnstile-site", "Cloudflare Turnstile site key", `\b(0x4[A-Za-z0-9_-]{15,24})(?:[^A-Za-z0-9_-]|$)`, "0x4"),
		rule("mapbox", "Mapbox public token", `\b(pk\.eyJ[A-Za-z0-9_-]{20,300}\.[A-Za-z0-9_-]{20,60})`, "pk.eyj"),
		rule("recaptcha-site", "reCAPTCHA site key", `(?i)(?:site_?-?key|recaptcha/(?:api|enterprise)\.js\?render)["'\s]{0,3}[=:]\s*["']?(6L[A-Za-z0-9_-]{38})(?:[^A-Za-z0-9_-]|$)`, "sitekey", "site_key", "site-key", "render="),
	}
}
