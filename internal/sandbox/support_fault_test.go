package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSupportFaults holds that each fault and each trap shows in the runbook or on
// a page, differs from every other one, and that nothing of it stays.
func TestSupportFaults(t *testing.T) {
	t.Parallel()
	s := start(t, Options{State: Healthy})
	look := func() string {
		var out strings.Builder
		names, err := filepath.Glob(filepath.Join(s.Runbook(), "*.md"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "%s\n%s\n", filepath.Base(name), text)
		}
		for _, path := range []string{"/status", "/forgot", "/cancel", "/office/429", "/.well-known/security.txt"} {
			w := httptest.NewRecorder()
			s.world.portal.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://portal.acme.example"+path, nil))
			text, expires, _ := strings.Cut(w.Body.String(), "Expires: ")
			day, _, _ := strings.Cut(expires, "T")
			fmt.Fprintf(&out, "%s %d %s %s\n", path, w.Code, day, text)
		}
		return out.String()
	}
	healthy := look()
	if len(strings.Fields(healthy)) < 400 || strings.Contains(healthy, "{domain}") {
		t.Fatalf("the sound runbook is not whole:\n%s", healthy)
	}
	seen := map[string]string{healthy: "the healthy client"}
	for _, f := range append(supportFaults(), supportTraps()...) {
		if f.Breaks == "" || !f.Trap && (len(f.Rules) == 0 || f.Status == "") {
			t.Errorf("%s: incomplete", f.Name)
		}
		if err := s.SetFaults(f.Name); err != nil {
			t.Fatal(err)
		}
		now := look()
		if other, ok := seen[now]; ok {
			t.Errorf("%s looks as %s does", f.Name, other)
		}
		seen[now] = f.Name
		if err := s.SetFaults(); err != nil {
			t.Fatal(err)
		}
		if look() != healthy {
			t.Fatalf("%s left something behind", f.Name)
		}
	}
}
