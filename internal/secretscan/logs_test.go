package secretscan

import (
	"path/filepath"
	"slices"
	"testing"
)

// What logs show of requests, and what was redacted.
func TestLogs(t *testing.T) {
	t.Parallel()
	p := &place{t: t, root: t.TempDir()}
	const drawn = "q8Zk3Lw7Xn5Tb9Rc2Vm6Jh4Gf1Ds0Pa"
	for name, tt := range map[string]struct{ line, rule string }{
		"a bearer token":     {"authorization: Bearer " + drawn, "log-authorization"},
		"one in JSON":        {`{"Authorization":"Bearer ` + drawn + `"}`, "log-authorization"},
		"basic":              {"Authorization: Basic cG9ydGFsOmhUNy1rcTI5eFp3", "log-authorization"},
		"a session cookie":   {"cookie: theme=dark; __Host-session=" + drawn, "log-cookie"},
		"a token in a path":  {"GET /reset?token=" + drawn + " HTTP/2", "log-query"},
		"a password":         {`body={"email":"a@acme.example","password":"Winter-2024"}`, "log-password"},
		"a form":             {"body: email=a%40b.example&password=hT7kq29xZw&next=/", "log-password"},
		"a form, redacted":   {"body: email=a%40b.example&password=[FILTERED]&next=/", ""},
		"a test account's":   {"sign-in failed for a@acme.example with correct horse battery", "log-credential"},
		"redacted":           {`Authorization: Bearer [FILTERED] cookie: session=**************** password="********"`, ""},
		"a theme cookie":     {"cookie: theme=abcdefghijklmnop12345678", ""},
		"words of bearers":   {"the bearer of good news", ""},
		"a request's id":     {"request_id=4f7a1b2c-93de-4c5f-8a6b-0d1e2f3a4b5c", ""},
		"a password's field": {`{"error":"password","field":"password"}`, ""},
	} {
		file := "log-" + name + ".log"
		p.write(file, tt.line+"\n")
		got := engine(t, Options{}).Logs(t.Context(), []string{filepath.Join(p.root, file)}, []Credential{{"password of member_a", "correct horse battery"}})
		got.Findings = Named(got.Findings)
		if found := slices.ContainsFunc(got.Findings, func(f Finding) bool { return f.Rule == tt.rule }); tt.rule != "" && !found || tt.rule == "" && len(got.Findings) > 0 || len(got.Gaps) > 0 {
			t.Errorf("%s: %v %v", name, told(got.Findings), got.Gaps)
		}
	}
}
