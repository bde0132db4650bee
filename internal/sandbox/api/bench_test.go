package api

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// BenchmarkLargeZone is what a zone of 5,000 records costs the sandbox: a
// client's figures must not be the sandbox's own.
func BenchmarkLargeZone(b *testing.B) {
	z := zone.New(zoneID, "acme.example", accountID, "enterprise")
	s := New(Options{
		Account: NewAccount(accountID, "", z), Tokens: []Token{{Value: full, Permissions: AllPermissions()}},
		Limit: Limit{Calls: 1 << 40, Window: 1}, RecordQuota: 1 << 40,
	})
	if err := s.SeedMany(z, 5000); err != nil {
		b.Fatal(err)
	}
	call := func(method, path, body string) {
		req := httptest.NewRequest(method, BasePath+path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+full)
		out := httptest.NewRecorder()
		s.ServeHTTP(out, req)
		if out.Code != http.StatusOK {
			b.Fatal(out.Body.String())
		}
	}
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			call("GET", records+"?per_page=5000", "")
		}
	})
	b.Run("batch", func(b *testing.B) {
		posts := make([]string, 3500)
		for i := range posts {
			posts[i] = fmt.Sprintf(`{"type":"A","name":"b%d","content":"192.0.2.1"}`, i)
		}
		for b.Loop() {
			call("POST", records+"/batch", `{"posts":[`+strings.Join(posts, ",")+`]}`)
			_ = z.Update(func(all map[string]zone.Record) error {
				maps.DeleteFunc(all, func(_ string, r zone.Record) bool { return r.Type == "A" })
				return nil
			})
		}
	})
	b.Run("create", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			call("POST", records, fmt.Sprintf(`{"type":"TXT","name":"x","content":"%d"}`, i%10+i*100))
			if i%10 == 9 { // the texts of one name are limited
				_ = z.Update(func(all map[string]zone.Record) error {
					for id, r := range all {
						if r.Name == "x.acme.example" {
							delete(all, id)
						}
					}
					return nil
				})
			}
		}
	})
}
