package handover

import (
	"context"
	"strings"
	"testing"
)

// made joins what must not stand in a source as one text: scanners of sources
// would find it.
func made(parts ...string) string { return strings.Join(parts, "") }

func TestSuspectPlace(t *testing.T) {
	for _, place := range []string{
		"1Password", "1Password, vault Acme, item Cloudflare", "1Password: vault Acme / item \"Cloudflare API\"", "KeePass2 database of the agency",
		"op://Acme/Cloudflare/credential", "vault kv get -field=token secret/acme/cloudflare", "secret/data/acme/postmark", "kv/acme-2024/portal-db-1",
		"https://vault.agency.example/ui/vault/secrets/kv/show/acme/cloudflare", "https://start.1password.com/open/i?a=4KXJQ2ZVYRCMVNPJ6Z2XWQ7H5E&v=hfjs7dk2l3m4n5b6v7c8x9z0aq&i=q1w2e3r4t5y6u7i8o9p0a1s2d3",
		"GitHub Actions secret CLOUDFLARE_API_TOKEN of acme/portal", "CLOUDFLARE_API_TOKEN", "AWS_KEY_2",
		"arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme/cloudflare-AbCdEf", "projects/acme-prod-123456/secrets/cloudflare/versions/latest",
		"Bitwarden, collection Acme, item 0b5b1c2e-58a3-4b57-9d6f-1f0a2c3d4e5f", "Azure Key Vault acme-prod-kv-01", "safe in the office, Hauptstrasse 12, 2nd floor",
		"HCP Terraform, workspace acme-portal-production, variable cloudflare_api_token", "the password is kept by Ada Operator", "token: see the page Accounts of the wiki", "key: the grey cabinet", "Hetzner project 8812345", "LastPass/Shared-Acme/Postmark",
	} {
		if why, err := SuspectPlace(context.Background(), place); why != "" || err != nil {
			t.Errorf("%q is a place: %s %v", place, why, err)
		}
	}
	for name, value := range map[string]string{
		"a token of GitHub":        made("gh", "p_", "0b7Xq2Lw9Tz4Vc6Nm1Rk8Hs3Jd5Gf0Pa7YtE"),
		"a token within words":     made("in CI: gh", "p_", "0b7Xq2Lw9Tz4Vc6Nm1Rk8Hs3Jd5Gf0Pa7YtE"),
		"a key of AWS":             made("AKI", "AQ3EGRZ7XK2MLVW4T"),
		"a token of Cloudflare":    made("v7Xq2Lw9Tz4Vc6Nm1R", "k8Hs3Jd5Gf0Pa7YtEwQz3x"),
		"a token of Postmark":      made("0b5b1c2e-58a3-4b57", "-9d6f-1f0a2c3d4e5f"),
		"hexadecimal":              made("3f9a8b7c6d5e4f3a", "2b1c0d9e8f7a6b5c"),
		"hexadecimal within words": made("the one of staging 3f9a8b7c6d5e4f3a", "2b1c0d9e8f7a6b5c"),
		"a password":               made("S3cr3t", "!pass#9"),
		"a short password":         made("Tr0ub", "4dor!"),
		"a password with a label":  made("admin / password: ", "hunter2"),
		"a password with is":       made("the password is ", "hunter2!"),
		"a password of words":      made("pw=", "correct!horse"),
		"an address with one":      made("postgres://portal:", "s3cr3tpw@db.acme.example/portal"),
		"a webhook of Slack":       made("https://hooks.slack.com/", "services/T0B1C2D3E/B4F5G6H7J/a1B2c3D4e5F6g7H8i9J0k1L2"),
		"a private key":            made("-----BEGIN OPENSSH ", "PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\nQyNTUxOQAAACDn5Zr1Gm0Yb2n7yq3w1x9kZ0a8u6v4t2s1r0q9p8o7nQAAAJg\n-----END OPENSSH ", "PRIVATE KEY-----"),
		"base64":                   made("qL8vZ3+1xW9yT2/rB7nK", "4mJ6hG5fD0sA=="),
	} {
		why, err := SuspectPlace(context.Background(), value)
		if why == "" || err != nil {
			t.Errorf("%s is taken for a place: %v", name, err)
		}
		if strings.Contains(why, value) {
			t.Errorf("%s: the reason repeats it", name)
		}
	}
}

func TestSuspect(t *testing.T) {
	for _, text := range []string{
		"Ada Lindqvist, ada.lindqvist@agency.example, +46 8 446 831 21", "Acme Ltd, Jane Doe", "https://wiki.agency.example/acme/launch#2026-11-02", "#ops-acme on Slack",
		"Contract 2026/1187, renewed each May", "Domain at Gandi, account AC1234-GANDI", "ops+acme@agency.example", "https://acme.pagerduty.com/service-directory/PJ2K3L4",
	} {
		if why, err := Suspect(context.Background(), text); why != "" || err != nil {
			t.Errorf("%q is harmless: %s %v", text, why, err)
		}
	}
}

func TestHide(t *testing.T) {
	out, err := Hide(context.Background(), []Section{
		{Topic: "refunds", Place: "refunds.md", Steps: []string{"Find the invoice 2026-1187 of the member.", "Choose \"Refund\"."}},
		{Topic: "resets", Place: "resets.md", Owner: "Ada", Steps: []string{made("Sign in as admin, password: ", "hunter2x")}},
	})
	if err != nil || out[0].Hidden || len(out[0].Steps) != 2 || !out[1].Hidden || out[1].Steps != nil || out[1].Owner != "" {
		t.Errorf("%v %+v", err, out)
	}
}

func FuzzSuspect(f *testing.F) {
	for _, seed := range []string{"", "1Password", "password: x", "a://b:c@d", "\xff\xfe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		why, err := SuspectPlace(context.Background(), text)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 12 && strings.Contains(why, text) {
			t.Errorf("the reason repeats %q", text)
		}
	})
}
