package deploycheck

import "testing"

func TestReleasesAreTheSame(t *testing.T) {
	t.Parallel()
	const commit = "3ef1094a5b6c7d8e9f0a1b2c3d4e5f6071829304"
	for _, tt := range []struct {
		a, b release
		want bool
	}{
		{"1.4.2", "v1.4.2", true}, {"refs/tags/v1.4.2", "1.4.2", true}, {"1.4.2", "1.4.20", false}, {"1.4", "1.4.0", false},
		{commit, "3ef1094", true}, {"3EF1094", commit, true}, {commit, "3ef109", false}, {commit, "3ef1095", false},
		{"v1.4.2-3-g3ef1094", commit, true}, {"1.4.2-3ef1094", "3ef1094a", true}, {"1.4.2-3-g3ef1094", "1.4.2", false},
		{"1.4.2+build.7", "1.4.2", true}, {"1.4.2+build.7", "1.4.2+build.8", false}, {"1.4.2-rc.1", "1.4.2", false},
		{"20261129", "2026112", false}, {"20261129.1", "20261129", false}, {"20261129", "20261129", true}, {"1234567", "12345678901234567890123456789012345678ab", true},
		{"", "", false}, {"", "1.4.2", false}, {"release-7", "release-7", true}, {"v2", "2", true}, {"main", "main", true},
	} {
		if got := tt.a.is(tt.b); got != tt.want {
			t.Errorf("%q is %q: %v", tt.a, tt.b, got)
		}
		if got := tt.b.is(tt.a); got != tt.want {
			t.Errorf("%q is %q: %v", tt.b, tt.a, got)
		}
	}
}

func TestReleasesHaveAnOrder(t *testing.T) {
	t.Parallel()
	declared := []string{"aaaaaaa1", "bbbbbbb2", "v9"}
	for _, tt := range []struct {
		older, newer release
		known        bool
	}{
		{"1.4.1", "1.4.2", true}, {"1.9.0", "1.10.0", true}, {"v1.4", "1.4.1", true}, {"1.4.2-rc.1", "1.4.2", true}, {"1.4.2-rc.2", "1.4.2-rc.10", true}, {"1.4.2-alpha", "1.4.2-beta", true},
		{"2026.11.29", "2026.12.1", true}, {"2026-11-29", "20261130", true}, {"20261129.1", "20261129.2", true}, {"20261129", "20261129-2", true},
		{"aaaaaaa1", "bbbbbbb2", true}, {"bbbbbbb2ffffffffffffffffffffffffffffffff", "v9", true},
		{"ccccccc3", "bbbbbbb2", false}, {"1.4.2+a", "1.4.2+b", false}, {"blue", "green", false},
	} {
		order, known := tt.older.against(tt.newer, declared)
		back, _ := tt.newer.against(tt.older, declared)
		if known != tt.known || known && (order >= 0 || back <= 0) {
			t.Errorf("%q, %q: %d %d %v", tt.older, tt.newer, order, back, known)
		}
	}
}

func TestBelievable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"1.4.2": true, "v1.4.2-rc.1": true, "3ef1094": true, "20261129": true, "2026-11-29.3": true, "release-2026-11": true, "1.4.2-3-g3ef1094": true, "portal@1.4.2": true,
		"v1": false, "1": false, "2": false, "ok": false, "production": false, "": false, "a b": false, "<html>": false, "latest": false,
	} {
		if got := believable(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
