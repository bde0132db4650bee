package secretscan

import (
	"regexp"
	"strings"
	"sync"

	"github.com/zricethezav/gitleaks/v8/report"
)

// publicName reports whether a key by its name is one that clients hold by
// design, to send events or to subscribe with it, and not its secret sibling.
func publicName(name, value string) bool {
	flat := strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(name))
	if strings.Contains(flat, "secret") || strings.Contains(flat, "private") || strings.Contains(flat, "admin") {
		return false
	}
	for _, end := range []string{"writekey", "pusherkey", "pusherappkey", "mixpaneltoken", "mixpanelprojecttoken", "amplitudeapikey", "amplitudekey", "posthogkey", "posthogapikey", "indexnowkey", "hotjarid", "onesignalappid", "vapidpublickey", "applicationserverkey"} {
		if strings.HasSuffix(flat, end) {
			return true
		}
	}
	return strings.HasSuffix(flat, "clienttoken") && datadogToken().MatchString(value) || strings.HasPrefix(value, "NRJS-")
}

var datadogToken = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^pub[0-9a-f]{32}$`) })

// documented reports whether a value is the example of a standard, which
// documents of interfaces repeat: those of RFC 6749 and RFC 6750.
func documented(value string) bool {
	switch value {
	case "2YotnFZFEjr1zCsicMWpAA", "tGzv3JOkF0XG5Qx2TlKWIA", "SplxlOBeZQQYbYS6WxSbIA", "mF_9.B5f-4.1JqM", "czZCaGRSa3F0MzpnWDFmQmF0M2JW", "7Fjfp0ZBr1KtDRbnfVdmIw", "gX1fBat3bV":
		return true
	}
	return false
}

// sealed reports whether a value is encrypted for a cluster (Sealed Secrets of
// Bitnami): it begins with the length of an RSA key of 4096 bits, 0x0200.
func sealed(value, around string) bool {
	return len(value) > 3 && value[:2] == "Ag" && value[2] >= 'A' && value[2] <= 'D' && (len(value) >= 100 || strings.Contains(around, "encryptedData"))
}

// ofBuild reports whether a file is one in which Next.js keeps keys that it draws
// at each build, for the server alone.
func ofBuild(file string) bool {
	for _, name := range []string{"/prerender-manifest.json", "/server-reference-manifest.json", "/server-reference-manifest.js", "/required-server-files.json"} {
		if strings.HasSuffix(file, name) && (strings.Contains(file, ".next/") || strings.Contains(file, "standalone/")) {
			return true
		}
	}
	return false
}

var comment = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*(?:#|//|\*|/\*|;|--|<!--)`) })

// developing reports whether a value stands in the part of a YAML file that is
// for development or tests, as in Rails' config/secrets.yml.
func developing(around, match string) bool {
	before, _, ok := strings.Cut(around, match)
	if !ok {
		return false
	}
	sections := section().FindAllStringSubmatch(before, -1)
	if len(sections) == 0 {
		return false
	}
	last := sections[len(sections)-1][1]
	return last == "development" || last == "test"
}

var section = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^([a-z]+):[ \t]*(?:[&*]\w+[ \t]*)?\r?$`) })

// classifyVariable decides about the value of a variable whose name says that it
// is secret. In a file that is there to be copied words stand for values, and
// in one for tests values open nothing but a test system.
func classifyVariable(f report.Finding, path string) verdict {
	v := verdict{class: Secret, kind: "value of a secret variable"}
	switch {
	case placeholder(f.Secret), publicVariable(f.Match):
		v.drop = true
	case isEnvTemplate(path):
		v.drop = len(f.Secret) < 16 || wordy(f.Secret)
	case testVariables().MatchString(path):
		v.grade = Moderate
	}
	return v
}

var testVariables = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|/)\.env\.(?:test|testing|ci|e2e|cypress|dusk)(?:\.[a-z]+)*$|(?:^|/)(?:tests?|e2e|ci)\.env$`)
})

// classifyDjango: what startproject writes is for the developer's machine.
func classifyDjango(secret string) verdict {
	v := verdict{class: Secret, drop: placeholder(secret) || reference(secret)}
	if strings.HasPrefix(secret, "django-insecure-") {
		v.grade, v.kind = Moderate, "Django SECRET_KEY that startproject has written"
	}
	return v
}
