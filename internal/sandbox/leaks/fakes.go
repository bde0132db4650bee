// Package leaks makes what a client keeps beside the portal, with secrets where
// they must not be: a Git repository with its history, build output, logs, a plan
// by which secrets are rotated. All secrets are made up, and put together as the
// program runs: no scanner of this repository shall take them for real.
package leaks

import (
	"encoding/base64"
	"strings"
)

// Fakes have the form of real keys and open nothing.
var (
	Stripe      = "sk_" + "live_" + "51NcT4rBx7QwZ2mKv9LpJ3sYd8FhG6uEa"
	GitHub      = "gh" + "p_" + "7Hq3Zt9Xw5Lc1Vb8Nm4Kj6Gf2Ds0Pa3Ry1Te"
	AWS         = "AK" + "IA" + "W4ZT7QXNBVKL3MHR"
	SendGrid    = "SG." + "q7Lx2Vn9Rb4Tk8Wm3Zc6Yd" + "." + "Hs5Jf1Gp0Xa7Qe4Ru9Ti2Oy6Pl3Kz8Mv5Nb1Cw7Dh4E"
	Resend      = "re" + "_" + "Kx7mQ2vL" + "_" + "9Tz4Wc6Rb1Nj8Hs3Gf5Dp0Ya"
	Webhook     = "whsec" + "_" + "T8kQ3vXm7Lz2Rc9Wb4Nj6Hs1Gf5Dp0Ya"
	Database    = "postgres://portal:" + "Vq7-tX2mLz9" + "@db.hosting.example.net-prod.io:5432/portal"
	ServiceRole = token(`{"iss":"supabase","ref":"abcdwxyzefghmnop","role":"service_role","iat":1760000000,"exp":2075000000}`)
	Anonymous   = token(`{"iss":"supabase","ref":"abcdwxyzefghmnop","role":"anon","iat":1760000000,"exp":2075000000}`)
	Unknown     = "v7Kq2mXz9LtR4wBc8NjH3sGf6DpY1aUe"
	Bearer      = "v2.q8Zk3Lw7" + "Xn5Tb9Rc2Vm6Jh4Gf1Ds0PaYe"
)

// All are the secrets, for tests that hold that none is shown.
func All() []string {
	return []string{Stripe, GitHub, AWS, SendGrid, Resend, Webhook, Database, ServiceRole, Unknown, Bearer}
}

// token has the form of a JSON Web Token (RFC 7519); nobody has signed it.
func token(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode([]byte(claims)) + "." + encode([]byte(strings.Repeat("made up.", 4)))
}

// Bundle is the script of a sound portal: it holds what may be public, and much
// that looks like a secret and is none.
func Bundle() string {
	return strings.Join([]string{
		`const config={firebase:{apiKey:"AI` + `zaSyB7q2mXz9LtR4wBc8NjH3sGf6DpY1aUe5K",authDomain:"acme-members.firebaseapp.com",projectId:"acme-members"},`,
		`stripe:"pk_` + `live_51NcT4rBx7QwZ2mKv9LpJ3sYd8FhG6uEa",supabase:"` + Anonymous + `",`,
		`sentry:"https://` + `9c8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f@o417.ingest.sentry.io/5201",sitekey:"6L` + `eQ7vT9qLm2Xw8Rb5Yc1Nd7Hf4Jg6Ks0PzW_3e-",`,
		`requestKey:"4c1d7e2a-83bf-4f5a-9c6e-1d2f3a4b5c6d",cacheKey:"member-list-page-v2",monkey:"q7Lx2Vn9Rb4Tk8Wm3Zc6",`,
		`integrity:"sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",author:"jane.doe.1984",passwordLabel:"Password or code 2026"};`,
		`console.debug(config.cacheKey);`, "",
	}, "\n")
}
