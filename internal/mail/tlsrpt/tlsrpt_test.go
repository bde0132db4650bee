package tlsrpt

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		count int
		fault string
	}{
		// RFC 8460 section 3.1.
		{"v=TLSRPTv1;rua=mailto:reports@example.com", 1, ""},
		{"v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt", 1, ""},
		{"v=TLSRPTv1; rua=mailto:a@example.com, https://r.example.com/x;", 2, ""},
		{"v=TLSRPTv1; x=1; rua=mailto:a@example.com", 1, ""},
		{"v=TLSRPTv1; rua=tls@example.com", 0, "not a URI"},
		{"v=TLSRPTv1; rua=", 0, "empty address"},
		{"v=TLSRPTv1; rua=mailto:a@example.com!10m", 0, "exclamation mark"},
		{"v=TLSRPTv1; rua=http://r.example.com", 0, "no sender reports"},
		{"v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:b@example.com", 1, "twice"},
		{"v=TLSRPTv1;", 0, "rua"},
		{"v=TLSRPTv1", 0, "discard"},
		{"v=tlsrptv1; rua=mailto:a@example.com", 1, "discard"},
	} {
		got, err := Parse(c.text)
		if len(got) != c.count || (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%q: %v, %v; want %d, %q", c.text, got, err, c.count, c.fault)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"v=TLSRPTv1;rua=mailto:r@e.com", "v=TLSRPTv1; rua=https://r,mailto:%2c@a.b", "v=TLSRPTv1;;", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text)
		if err != nil {
			return
		}
		var rua []string
		for _, u := range got {
			rua = append(rua, u.Text)
		}
		if again, err := Parse(Format(rua...)); err != nil || len(again) != len(got) {
			t.Fatalf("%q is not stable: %v, %v", text, again, err)
		}
	})
}
