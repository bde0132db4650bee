package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// A policy tells of the health checks that it is narrowed to, and of those that
// go down; policies that cannot be read are not policies that are not there.
func TestInventoryOfPolicies(t *testing.T) {
	const zone, account = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
	const ours, other = "11111111111111111111111111111111", "22222222222222222222222222222222"
	policy := func(filters string) string {
		return `[{"id":"` + other + `","name":"p","enabled":true,"alert_type":"health_check_status_notification","mechanisms":{"email":[{"id":"ops@acme.example"}]},"filters":` + filters + `}]`
	}
	for name, test := range map[string]struct {
		policies string
		want     string // contacts, whether they are unknown, policies, failures
	}{
		"of all":              {policy(`{}`), "[ops@acme.example] false 1 []"},
		"of ours":             {policy(`{"health_check_id":["` + ours + `"],"status":["Healthy","Unhealthy"]}`), "[ops@acme.example] false 1 []"},
		"of another":          {policy(`{"health_check_id":["` + other + `"]}`), "[] false 0 []"},
		"of what is up again": {policy(`{"health_check_id":["` + ours + `"],"status":["Healthy"]}`), "[] false 0 []"},
		"not to be read":      {"", "[] true 0 [cloudflare's notifications cannot be read: the answer is 403]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				result := "[]"
				switch {
				case r.URL.Path == "/zones" && r.URL.Query().Get("name") == "acme.example":
					result = `[{"id":"` + zone + `","name":"acme.example","status":"active","plan":{"legacy_id":"pro"},"account":{"id":"` + account + `"}}]`
				case strings.HasSuffix(r.URL.Path, "/healthchecks"):
					result = `[{"id":"` + ours + `","name":"portal","address":"portal.acme.example","type":"HTTPS","http_config":{"method":"GET","path":"/"}}]`
				case strings.HasSuffix(r.URL.Path, "/policies") && test.policies == "":
					w.WriteHeader(http.StatusForbidden)
					_, _ = w.Write([]byte(`{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}`))
					return
				case strings.HasSuffix(r.URL.Path, "/policies"):
					result = test.policies
				}
				_, _ = fmt.Fprintf(w, `{"success":true,"errors":[],"messages":[],"result":%s}`, result)
			}))
			t.Cleanup(server.Close)
			api, err := cloudflare.New(cloudflare.Config{Token: strings.Repeat("t", 40), BaseURL: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			i := (&shared{api: api}).inventory([]string{"portal.acme.example"})
			monitors, _ := i.Monitors(t.Context())
			policies, failures := i.Policies(t.Context())
			if len(monitors) != 1 {
				t.Fatalf("%+v %v", monitors, failures)
			}
			got := fmt.Sprintf("%v %t %d %v", monitors[0].Contacts, monitors[0].ContactsUnknown, len(policies), failures)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
