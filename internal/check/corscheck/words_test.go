package corscheck

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// What is drawn anew for everybody is nobody's, and a wildcard on it no harm.
func TestDrawnIsPublic(t *testing.T) {
	t.Parallel()
	w := sound()
	w.public, w.trusted = true, nil
	w.policy = func(h http.Header, _ string) { h.Set("Access-Control-Allow-Origin", "*") }
	var n atomic.Int64
	w.answer = func() string {
		var b strings.Builder
		for i := range 30 {
			k := int(n.Load())
			fmt.Fprintf(&b, "w%c%c%c ", 'a'+(k*7+i)%26, 'a'+(i*i+k)%26, 'a'+(i+3*k)%26)
		}
		n.Add(1)
		return b.String()
	}
	if got, findings := w.violations(t); len(got) > 0 {
		t.Errorf("%+v", findings)
	}
}

// Why a trusted origin cannot read is said in words that lead to what mends it.
func TestWhyBroken(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*world){
		"has Access-Control-Allow-Origin twice": func(w *world) {
			w.policy = func(h http.Header, o string) { exactly(app)(h, o); h.Add("Access-Control-Allow-Origin", o) }
		},
		"names more than one origin": func(w *world) {
			w.policy = func(h http.Header, _ string) { h.Set("Access-Control-Allow-Origin", app+", https://b.example.com") }
		},
		"leads on to https://" + testHost + "/v2/me: name that address instead": func(w *world) {
			w.status = http.StatusMovedPermanently
			w.policy = func(h http.Header, _ string) { h.Set("Location", "/v2/me?token=SECRET") }
		},
	} {
		w := sound()
		change(w)
		said := ""
		for _, f := range w.run(t).Findings {
			if f.Rule == ruleTrusted && f.Status != readiness.Pass {
				said = f.Message
			}
		}
		if !strings.Contains(said, says) || strings.Contains(said, "SECRET") {
			t.Errorf("%q, want %q", said, says)
		}
	}
}
