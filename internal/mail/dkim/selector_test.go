package dkim

import (
	"strings"
	"testing"
)

func TestValidSelector(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"google", "S1", "20240101pm", "mar2005.reston", "hs1-12345", "k1_2024", "a"} {
		if err := ValidSelector(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for s, want := range map[string]string{
		"":                              "empty",
		"google._domainkey.other.net":   `alone, "google"`,
		"a.b._DomainKey.acme.example":   `alone, "a.b"`,
		"google._domainkey":             `alone, "google"`,
		"._domainkey":                   "alone",
		"_domainkey":                    "alone",
		".google":                       "empty label",
		"google.":                       "empty label",
		"a..b":                          "empty label",
		"a b":                           "no selector",
		"a;b":                           "no selector",
		"-a":                            "hyphen",
		"b\u00fccher":                   "no selector",
		strings.Repeat("a", 64):         "63",
		strings.Repeat("a.", 125) + "a": "octets",
	} {
		if err := ValidSelector(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", s, err, want)
		}
	}
}
