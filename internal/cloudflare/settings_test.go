package cloudflare

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The settings of a zone take one call, however many are asked for, and what was
// written is known without another.
func TestSettingsAreReadOnce(t *testing.T) {
	t.Parallel()
	settings := "/zones/" + zoneID + "/settings"
	for name, tc := range map[string]struct {
		bulk int // status of the answer to the call for all
		want []string
	}{
		"by one call": {200, []string{"GET " + settings, "PATCH " + settings + `/ssl {"value":"strict"}`, "GET " + settings + "/ssl_automatic_mode"}},
		"one by one, where all are not to be had": {405, []string{
			"GET " + settings, "GET " + settings + "/ssl", "GET " + settings + "/min_tls_version", "PATCH " + settings + `/ssl {"value":"strict"}`, "GET " + settings + "/ssl_automatic_mode",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := func(id, value string) string { return `{"id":"` + id + `","value":"` + value + `","editable":true}` }
			a := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]; {
				case r.Method == http.MethodPatch:
					send(w, 200, ok(one(id, "strict")))
				case id != "settings":
					send(w, 200, ok(one(id, "old")))
				case tc.bulk == 200:
					send(w, 200, ok("["+one("ssl", "old")+","+one("min_tls_version", "old")+`,{"id":"odd"}]`))
				default:
					send(w, tc.bulk, `{"success":false,"errors":[{"code":7000,"message":"No route"}],"messages":[],"result":null}`)
				}
			})
			ctx := context.Background()
			expect := func(id, value string) {
				t.Helper()
				if got, err := a.Setting(ctx, zoneID, id); err != nil || string(got.Value) != `"`+value+`"` || !got.Editable {
					t.Errorf("%s: %+v %v", id, got, err)
				}
			}
			for range 2 {
				expect("ssl", "old")
				expect("min_tls_version", "old")
			}
			if _, err := a.PatchSetting(ctx, zoneID, "ssl", "strict"); err != nil {
				t.Fatal(err)
			}
			expect("ssl", "strict")
			expect("ssl_automatic_mode", "old") // in none of the answers, and changed along with ssl
			expect("ssl_automatic_mode", "old")
			if diff := cmp.Diff(tc.want, a.requests()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Policies of an account are listed once, and what is made or changed is known
// without reading it back.
func TestAlertPoliciesAreListedOnce(t *testing.T) {
	t.Parallel()
	const account = zoneID
	list := "/accounts/" + account + "/alerting/v3/policies"
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
			send(w, 200, ok(`[{"id":"p1","name":"acme: ddos","enabled":true,"alert_type":"dos_attack_l7","mechanisms":{"email":[{"id":"ops@agency.example"}]}}]`))
		default:
			send(w, 200, ok(`{"id":"p2"}`))
		}
	})
	ctx := context.Background()
	if _, err := a.AlertPolicy(ctx, account, "p1"); err != nil {
		t.Fatal(err)
	}
	made, err := a.CreateAlertPolicy(ctx, account, AlertPolicy{Name: "acme: down", Type: "real_origin_monitoring", Enabled: true})
	if err != nil || made.ID != "p2" {
		t.Fatalf("%+v %v", made, err)
	}
	made.Enabled = false
	if _, err := a.UpdateAlertPolicy(ctx, account, made); err != nil {
		t.Fatal(err)
	}
	all, err := a.AlertPolicies(ctx, account)
	if err != nil || len(all) != 2 || all[1].Enabled || all[1].Name != "acme: down" {
		t.Errorf("%+v %v", all, err)
	}
	if a.count("GET") != 1 || a.count("POST "+list) != 1 || a.count("PUT "+list+"/p2") != 1 {
		t.Errorf("%q", a.requests())
	}
	// After a deletion the list is read again.
	if err := a.DeleteAlertPolicy(ctx, account, "p2"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.AlertPolicies(ctx, account); err != nil || a.count("GET") != 2 {
		t.Errorf("%q %v", a.requests(), err)
	}
}
