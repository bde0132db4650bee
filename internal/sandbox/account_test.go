package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

// TestTokens holds what each token is for: one permission less than all.
func TestTokens(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	put := func(token, phase string) int {
		t.Helper()
		path := s.APIURL() + "/zones/" + s.account.zone.ID + "/rulesets/phases/" + phase + "/entrypoint"
		req, err := http.NewRequestWithContext(t.Context(), "PUT", path, strings.NewReader(`{"rules":[]}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	for _, tc := range []struct {
		token, phase string
		want         int
	}{
		{s.Token(), "http_request_cache_settings", 200},
		{s.TokenWithoutCacheEdit(), "http_request_cache_settings", 403},
		{s.TokenWithoutCacheEdit(), "http_response_cache_settings", 403},
		{s.TokenWithoutCacheEdit(), "http_request_firewall_custom", 200},
		{s.TokenWithoutCacheEdit(), "ddos_l7", 200},
		{s.TokenForAnotherZone(), "http_request_firewall_custom", 403},
	} {
		if got := put(tc.token, tc.phase); got != tc.want {
			t.Errorf("%s: %d, want %d", tc.phase, got, tc.want)
		}
	}
}
