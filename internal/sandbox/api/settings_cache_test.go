package api

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestCacheSettings(t *testing.T) {
	t.Parallel()
	const here = "/zones/" + zoneID + "/"
	for _, plan := range []string{"free", "enterprise"} {
		w := newWorld(t, plan, nil)
		for path, name := range map[string]string{tieredCaching: "tiered_caching", smartTopology: "tiered_cache_smart_topology_enable"} {
			var v settingView
			w.call("GET", here+path, "").into(t, &v)
			if v.ID != name || string(v.Value) != `"off"` || !v.Editable || v.ModifiedOn != nil {
				t.Errorf("%s: %+v", path, v)
			}
			w.call("PATCH", here+path, `{"value":"on"}`).into(t, &v)
			stored, _ := w.zone.Setting(path)
			if string(v.Value) != `"on"` || v.ModifiedOn == nil || string(stored.Value) != `"on"` {
				t.Errorf("%s after a write: %+v %+v", path, v, stored)
			}
			for _, bad := range []string{`{"value":"yes"}`, `{"value":true}`, `{}`} {
				if got := w.call("PATCH", here+path, bad); got.Status != 400 {
					t.Errorf("%s %s: %d", path, bad, got.Status)
				}
			}
		}
	}
	w := newWorld(t, "free", nil)
	w.api.SetSmartTopologyUnset(true)
	if got := w.call("GET", here+smartTopology, ""); got.Status != 404 || got.code() != codeUnset {
		t.Errorf("never set: %d %s", got.Status, got.Body)
	}
	w.call("PATCH", here+smartTopology, `{"value":"off"}`)
	if got := w.call("GET", here+smartTopology, ""); got.Status != 200 {
		t.Errorf("set once: %d %s", got.Status, got.Body)
	}
	for plan, status := range map[string]int{"business": 400, "enterprise": 200} {
		if got := newWorld(t, plan, nil).call("PATCH", settings+"/ciphers", `{"value":["AEAD-AES128-GCM-SHA256"]}`); got.Status != status {
			t.Errorf("ciphers on %s: %d %s", plan, got.Status, got.Body)
		}
	}
}

func TestOriginPulls(t *testing.T) {
	t.Parallel()
	const pulls = "/zones/" + zoneID + "/" + zonePulls
	w := newWorld(t, "free", func(o *Options) {
		o.Tokens = append(o.Tokens, Token{Value: strings.Repeat("s", 40), Permissions: []Permission{SettingsEdit, SSLRead}})
	})
	enabled := func() bool {
		t.Helper()
		var v pullsView
		w.call("GET", pulls+"/settings", "").into(t, &v)
		return v.Enabled
	}
	if enabled() {
		t.Error("on in a new zone")
	}
	w.call("PUT", pulls+"/settings", `{"enabled":true}`)
	if stored, _ := w.zone.Setting(zonePulls); !enabled() || string(stored.Value) != "true" {
		t.Errorf("stored: %+v", stored)
	}
	if got := w.call("PUT", pulls+"/settings", `{}`); got.Status != 400 || !enabled() {
		t.Errorf("nothing: %d", got.Status)
	}

	certificate, key := pair(t, time.Now().Add(time.Hour))
	_, otherKey := pair(t, time.Now().Add(time.Hour))
	old, oldKey := pair(t, time.Now().Add(-time.Hour))
	upload := func(certificate, key string) answer {
		return w.call("POST", pulls, string(raw(map[string]string{"certificate": certificate, "private_key": key})))
	}
	for name, got := range map[string]answer{
		"another's key": upload(certificate, otherKey), "expired": upload(old, oldKey), "no certificate": upload("x", key), "nothing": upload("", ""),
	} {
		if got.Status != 400 {
			t.Errorf("%s: %d", name, got.Status)
		}
	}
	var made pullCertificate
	upload(certificate, key).into(t, &made)
	if made.Certificate != certificate || !made.Enabled || made.Status != "active" || made.Issuer != "CN=puller" {
		t.Errorf("uploaded: %+v", made)
	}
	var all []pullCertificate
	got := w.call("GET", pulls, "")
	got.into(t, &all)
	if len(all) != 1 || all[0].ID != made.ID || strings.Contains(string(got.Body), "PRIVATE KEY") {
		t.Errorf("list: %s", got.Body)
	}
	w.call("GET", pulls+"/"+made.ID, "").into(t, &made)
	w.token = strings.Repeat("s", 40)
	for _, try := range [][2]string{{"PUT", pulls + "/settings"}, {"POST", pulls}, {"DELETE", pulls + "/" + made.ID}} {
		if got := w.call(try[0], try[1], `{"enabled":false}`); got.Status != 403 || got.code() != 10000 {
			t.Errorf("%s %s without permission: %d", try[0], try[1], got.Status)
		}
	}
	w.token = full
	w.call("DELETE", pulls+"/"+made.ID, "").into(t, &made)
	if got := w.call("DELETE", pulls+"/"+made.ID, ""); got.Status != 404 {
		t.Errorf("deleted twice: %d", got.Status)
	}
	if got := w.call("GET", pulls+"/"+made.ID, ""); got.Status != 404 {
		t.Errorf("still there: %d", got.Status)
	}
}

// pair returns a certificate that ends at a time, and its key, both in PEM.
func pair(t *testing.T, ends time.Time) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "puller"}, NotBefore: ends.Add(-24 * time.Hour), NotAfter: ends,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text}))
}
