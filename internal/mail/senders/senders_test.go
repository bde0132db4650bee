package senders

import (
	"regexp"
	"strings"
	"testing"
)

func TestCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	key := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	name := regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$`)
	if len(Keys()) != len(entries()) {
		t.Fatalf("%d keys for %d entries: one is there twice", len(Keys()), len(entries()))
	}
	for _, k := range Keys() {
		s, ok := Lookup(k)
		if !ok || s.Key != k || !key.MatchString(k) || s.Title == "" || len(s.Evidence) == 0 || s.Verified == "" {
			t.Errorf("%s: a field is missing: %+v", k, s)
		}
		if s.Apex == ApexNeeded && len(s.Includes) == 0 {
			t.Errorf("%s: needs an include but has none", k)
		}
		var names []string
		for _, sel := range s.Selectors {
			names = append(append(names, sel.Name), sel.Targets...)
			if sel.Fixed && sel.Form == CNAME && len(sel.Targets) == 0 {
				t.Errorf("%s: selector %s is fixed but its target is not known", k, sel.Name)
			}
		}
		for _, n := range append(append(names, s.Includes...), s.ReturnPath...) {
			if !name.MatchString(n) {
				t.Errorf("%s: %q is not a name in canonical form", k, n)
			}
		}
	}
	for wrong, alias := range aliases() {
		if _, ok := Lookup(alias); !ok {
			t.Errorf("alias %s leads to the unknown key %s", wrong, alias)
		}
	}
}

func TestMatchingIsOnLabels(t *testing.T) {
	t.Parallel()
	keys := func(include string) string {
		var out []string
		for _, s := range ByInclude(include) {
			out = append(out, s.Key)
		}
		return strings.Join(out, " ")
	}
	for include, want := range map[string]string{
		"_spf.google.com":               "google_workspace",
		"_SPF.Google.com.":              "google_workspace",
		"amazonses.com":                 "amazon_ses loops resend",
		"evilamazonses.com":             "",
		"amazonses.com.evil.example":    "",
		"123.spf04.hubspotemail.net":    "hubspot",
		"google.com":                    "",
		"u1.wl.sendgrid.net":            "sendgrid",
		"_spf.mx.cloudflare.net":        "cloudflare_email_routing cloudflare_email_sending",
		"spf.sendinblue.com":            "brevo",
		"eu.zohomail.eu":                "zoho_mail",
		"spf.protection.outlook.com.de": "",
	} {
		if got := keys(include); got != want {
			t.Errorf("%s: %q, want %q", include, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"google": "google_workspace", "Google Workspace": "google_workspace", "office365": "microsoft_365", "postmrk": "postmark", "send-grid": "sendgrid",
		"ses": "amazon_ses", "convertkit": "kit", "mailchump": "mailchimp", "qqqqqqqqqqqq": "",
	} {
		if got := Nearest(written); got != want {
			t.Errorf("%q: %q, want %q", written, got, want)
		}
	}
}
