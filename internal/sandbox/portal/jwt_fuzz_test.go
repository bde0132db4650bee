package portal

import "testing"

// FuzzVerifyJWT holds that no bytes but a good token pass, whatever they are, and
// that the faults that decode by hand bear them.
func FuzzVerifyJWT(f *testing.F) {
	p, err := New(Options{Domain: "acme.example"})
	if err != nil {
		f.Fatal(err)
	}
	broken, err := New(Options{Domain: "acme.example"})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []Switch{JWTNone, JWTUnverified, JWTConfusion, JWTKeyEmbedded, JWTExpiredAccepted, JWTAudienceIgnored} {
		broken.Set(s, true)
	}
	u, _ := p.people.byID(seeds[0].id)
	good := p.accessToken(u, "SID", accessLife)
	for _, seed := range []string{"", ".", "..", "a.b.c", good, good[:len(good)-4], "eyJhbGciOiJub25lIn0.e30.", `eyJhbGciOiJSUzI1NiIsImp3ayI6eyJrdHkiOiJSU0EifX0.e30.AA`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, ok := p.verifyJWT(text); ok && text != good {
			t.Errorf("passed: %q", text)
		}
		broken.verifyJWT(text)
	})
}
