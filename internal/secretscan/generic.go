package secretscan

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/zricethezav/gitleaks/v8/report"
)

// classifyGeneric narrows the rule of gitleaks that knows no vendor, whose noise
// is the commonest complaint about it: a word such as monkey or author in front,
// a UUID, a digest, a name made of words behind. In files of variables it is
// taken as it is; elsewhere the name in front must say that a secret follows.
func classifyGeneric(f report.Finding, around, file, path string) verdict {
	name, value := nameBefore(f.Match, f.Secret), f.Secret
	switch {
	case placeholder(value), reference(value):
		return verdict{drop: true}
	case isSiteKey(name):
		return verdict{class: Public, kind: "site key"}
	case publicName(name, value):
		return verdict{class: Public, kind: "key that clients send events with"}
	case isEnvFile(path):
		if publicVariable(f.Match) {
			return verdict{class: Unknown}
		}
		return classifyVariable(f, path)
	case !namesSecret(name), uuid().MatchString(value), digest(name, value), wordy(value), sealed(value, around), ofBuild(file):
		return verdict{drop: true}
	}
	v := verdict{class: Unknown, kind: "key of a kind that is not known"}
	switch {
	case comment().MatchString(f.Line): // such as the one that Devise writes into each application
		v.grade, v.kind = Moderate, v.kind+" (in a comment)"
	case developing(around, f.Match):
		v.grade, v.kind = Moderate, v.kind+" (of development or tests)"
	}
	return v
}

// nameBefore is the identifier that a value is given to.
func nameBefore(match, secret string) string {
	before, _, _ := strings.Cut(match, secret)
	before = strings.TrimRight(before, " \t\r\n\"'`=:>|?,(")
	at := strings.LastIndexFunc(before, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' && r != '.'
	})
	return before[at+1:]
}

// namesSecret reports whether a name, split into its words, says that what it
// holds is secret.
func namesSecret(name string) bool {
	words := wordsOf(name)
	has := map[string]bool{}
	for _, w := range words {
		has[w] = true
	}
	for _, w := range []string{"public", "pub", "publishable", "anon", "cache", "foreign", "primary", "sort", "object", "i18n", "translation", "test", "sitekey", "csrf", "xsrf", "csrftoken", "max", "limit", "count", "name", "label", "field", "header", "url", "uri", "path", "endpoint", "id", "type", "hash"} {
		if has[w] {
			return false
		}
	}
	for _, w := range []string{"secret", "secrets", "password", "passwd", "pwd", "passphrase", "token", "apikey", "credential", "credentials", "creds", "apitoken", "accesstoken", "secretkey", "authtoken"} {
		if has[w] {
			return true
		}
	}
	if !has["key"] {
		return false
	}
	for _, w := range []string{"api", "access", "auth", "private", "encryption", "signing", "session", "jwt", "app", "master", "service", "server", "admin", "client", "account", "license", "webhook", "storage", "hmac"} {
		if has[w] {
			return true
		}
	}
	return false
}

// wordsOf splits camelCase, snake_case and kebab-case into words in lower case.
func wordsOf(name string) []string {
	var b strings.Builder
	var before rune
	for _, r := range name {
		if unicode.IsUpper(r) && (unicode.IsLower(before) || unicode.IsDigit(before)) {
			b.WriteByte(' ')
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			b.WriteByte(' ')
		} else {
			b.WriteRune(unicode.ToLower(r))
		}
		before = r
	}
	return strings.Fields(b.String())
}

func isSiteKey(name string) bool {
	return strings.HasSuffix(strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name)), "sitekey")
}

// reference reports whether a value is code that names the secret.
func reference(value string) bool {
	lower := strings.ToLower(value)
	for _, part := range []string{"process.env", "import.meta", "os.getenv", "secrets.", "config.", "env.", "this.", "self.", "props.", "params.", "req.", "request.", "settings."} {
		if strings.HasPrefix(lower, part) {
			return true
		}
	}
	return strings.Contains(lower, "::") || strings.Contains(lower, "->")
}

var uuid = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$`)
})

// digest reports whether a value is the digest of something, by its name.
func digest(name, value string) bool {
	lower := strings.ToLower(name)
	for _, w := range []string{"integrity", "sha1", "sha256", "sha384", "sha512", "digest", "checksum", "etag", "commit", "revision", "fingerprint", "thumbprint", "md5"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return strings.HasPrefix(value, "sha256-") || strings.HasPrefix(value, "sha384-") || strings.HasPrefix(value, "sha512-")
}

// wordy reports whether a value is made of words, as names are, and not drawn:
// a key mixes digits with letters, or has no words that one could pronounce.
func wordy(value string) bool {
	digits := strings.IndexFunc(value, unicode.IsDigit) >= 0
	parts := strings.FieldsFunc(value, func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == '/' || r == ':' })
	if !digits {
		return len(parts) > 1 || len(wordsOf(value)) <= len(value)/4
	}
	long := 0
	for _, p := range parts {
		mixed := strings.IndexFunc(p, unicode.IsDigit) >= 0 && strings.IndexFunc(p, unicode.IsLetter) >= 0
		if mixed && len(p) >= 8 {
			long++
		}
	}
	return long == 0
}

var envPath = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(envFilePath) })

// isEnvFile reports whether a path is that of a file of variables.
func isEnvFile(path string) bool { return path != "" && envPath().MatchString(path) }
