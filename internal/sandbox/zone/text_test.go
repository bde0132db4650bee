package zone

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTextStrings(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	for _, tc := range []struct {
		name, content string
		want          []string
		fails         bool
	}{
		{"unquoted", `v=spf1 -all`, []string{"v=spf1 -all"}, false},
		{"unquoted with marks inside", `a "b"`, []string{`a "b"`}, false},
		{"unquoted, long", long, []string{long[:255], long[255:]}, false},
		{"quoted", `"v=spf1 -all"`, []string{"v=spf1 -all"}, false},
		{"several", `"a" "b""c"`, []string{"a", "b", "c"}, false},
		{"escapes", `"\"\\\065\9"`, []string{`"\A9`}, false},
		{"a number over 255 is no octet", `"\999"`, []string{"999"}, false},
		{"quoted, long", `"` + long + `"`, []string{long}, false},
		{"empty string", `""`, []string{""}, false},
		{"empty", ``, []string{""}, false},
		{"no partner", `"a`, nil, true},
		{"backslash at the end", `"a\`, nil, true},
		{"text outside", `"a" b`, nil, true},
	} {
		got, err := TextStrings(tc.content)
		if (err != nil) != tc.fails {
			t.Errorf("%s: %v", tc.name, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s:\n%s", tc.name, diff)
		}
	}
}

func FuzzTextStrings(f *testing.F) {
	for _, seed := range []string{"", `a`, `"a" "b"`, `"\"\\\065"`, `"a`, `"\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		parts, err := TextStrings(content)
		if err != nil {
			return
		}
		again, err := TextStrings(Quote(parts))
		if err != nil || !cmp.Equal(parts, again) {
			t.Errorf("%q: %q, quoted and read again %q (%v)", content, parts, again, err)
		}
	})
}
