package authcheck

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// An API that takes the code in the same request as the password, and gives nothing
// without it, has a second factor; one that does without the code has none.
func TestCodeBesidePassword(t *testing.T) {
	t.Parallel()
	const adminName = "ada@example.com"
	for name, test := range map[string]struct {
		refusal string // of who gives no code; empty = the password is enough
		want    readiness.Status
	}{
		"refused without": {`{"title":"Code wanted"}`, readiness.Pass},
		"not needed":      {"", readiness.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessions, names := &store{}, sync.Map{}
			portal := func(w http.ResponseWriter, r *http.Request) {
				var in map[string]string
				_ = json.NewDecoder(r.Body).Decode(&in)
				switch r.URL.Path {
				case "/auth":
					switch {
					case in["email"] != memberName && in["email"] != adminName || in["password"] != memberWord:
						w.WriteHeader(http.StatusUnauthorized)
					case in["email"] == adminName && in["code"] == "" && test.refusal != "":
						w.WriteHeader(http.StatusUnauthorized)
						fmt.Fprint(w, test.refusal)
					default:
						id := sessions.start()
						names.Store(id, in["email"])
						fmt.Fprintf(w, `{"token":%q}`, id)
					}
				case "/me":
					name, ok := names.Load(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
					if !ok {
						w.WriteHeader(http.StatusUnauthorized)
						return
					}
					fmt.Fprintf(w, `{"id":7,"email":%q}`, name)
				default:
					w.WriteHeader(http.StatusNotFound)
				}
			}
			s := spec(probe.Portal{
				SignIn: probe.SignInRequest{Path: "/auth", TokenPointer: "/token", Fields: map[string]string{"email": "{{username}}", "password": "{{password}}", "code": "{{totp}}"}},
				WhoAmI: "/me",
			})
			s.SkipDefaults = true
			admin := s.Actor
			admin.Name, admin.Identity.Username, admin.Identity.TOTPSecret = "admin", adminName, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
			s.Admin = &admin
			got, result := statuses(t, serve(t, portal), s)
			if test.want == readiness.Fail && got[ruleCodeReuse] != readiness.NotApplicable {
				t.Errorf("a code that nobody looks at is judged: %s", got[ruleCodeReuse])
			}
			if got[ruleAdminFactor] != test.want {
				i := slices.IndexFunc(result.Findings, func(f readiness.Finding) bool { return f.Rule == ruleAdminFactor })
				t.Errorf("%s, want %s: %s", got[ruleAdminFactor], test.want, result.Findings[i].Message)
			}
		})
	}
}
