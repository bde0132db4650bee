package authzcheck

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// secretFields are names of fields that hold what authenticates, in lower case
// and without separators, as common frameworks call them.
var secretFields = []string{
	"password", "passwordhash", "passwordhashed", "hashedpassword", "encryptedpassword", "passworddigest", "passwd", "pwd", "pwhash", "passhash", "passwordsalt", "salt",
	"otpsecret", "totpsecret", "mfasecret", "twofactorsecret", "otpsecretkey", "twofactorrecoverycodes", "backupcodes", "recoverycodes",
	"resettoken", "passwordresettoken", "resetpasswordtoken", "confirmationtoken", "emailverificationtoken", "verificationtoken", "remembertoken", "tokenkey",
	"secret", "secretkey", "clientsecret", "apisecret", "privatekey", "webhooksecret", "sessiontoken",
}

// internalFields are names of what only the operator needs.
var internalFields = []string{"stripecustomerid", "customerstripeid", "isinternal", "adminnotes", "internalnotes", "internalnote"}

// passwordHash finds digests of passwords, whatever the field is called: crypt's
// forms (bcrypt, Argon2, scrypt, SHA-crypt) and those of Django, Werkzeug and LDAP.
var passwordHash = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{40,}|\$argon2(id|i|d)\$v=|\$scrypt\$|\$[156]\$[./A-Za-z0-9]+\$|\$7\$|pbkdf2[_:]sha\d+[$:]|(bcrypt|argon2|scrypt)[$:]|\{S?SHA(256|512)?\}|\$P\$[./A-Za-z0-9]{31}|\$wp\$2y\$)`)
})

// excessive says what a leaf is that nobody should be sent; empty if it is fine.
func excessive(l leaf, allowed []string) (kind string, severity readiness.Severity) {
	key := l.key()
	if key == "" || slices.ContainsFunc(allowed, func(name string) bool { return strings.EqualFold(name, key) }) {
		return "", ""
	}
	name := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(key))
	masked := strings.Trim(l.value, "*•xX.- ") == "" || l.value == "[redacted]" || l.value == "0"
	switch {
	case passwordHash().MatchString(l.value):
		return "the digest of a password", readiness.High
	case masked:
	case slices.Contains(secretFields, name):
		return "a secret", readiness.High
	case slices.Contains(internalFields, name), strings.HasPrefix(strings.ToLower(key), "internal_"):
		return "what only the operator needs", readiness.Medium
	}
	return "", ""
}

// tellExcess reports fields that stand in the answers of a row to those who may
// have them, and addresses of people of other organisations.
func (t *tester) tellExcess(r *row) {
	if r.problem != "" {
		t.unclear(ruleExcess, r.subject, r.problem)
		return
	}
	if r.shell {
		t.none(ruleExcess, r.subject, shellMessage)
		return
	}
	found, worst := map[string]bool{}, readiness.Medium
	look := func(a *agent, x probe.Exchange) {
		for _, l := range leavesOf(x) {
			if kind, severity := excessive(l, r.route.AllowFields); kind != "" {
				found[fmt.Sprintf("%s holds %s", strings.ReplaceAll(l.path, "[]", ""), kind)] = true
				if severity == readiness.High {
					worst = severity
				}
			}
		}
		for _, other := range t.strangersTo(a) {
			if !slices.Contains(r.denied, other) || r.kind == Function {
				continue
			}
			if address := other.actor.Identity.Username; strings.Contains(address, "@") && viewOf(x).holds(address) && !allowsAddress(r.route.AllowFields) {
				found["it holds the e-mail address of "+other.known()] = true
			}
		}
	}
	look(r.owner, r.owners[0])
	for _, a := range r.allowed {
		look(a, r.attempts[a.name].x)
	}
	if len(found) > 0 {
		t.failAs(ruleExcess, r.subject, worst, strings.Join(slices.Sorted(maps.Keys(found)), "; "))
		return
	}
	t.pass(ruleExcess, r.subject, "the answers hold no field that nobody should be sent")
}

// strangersTo are identities of other organisations than an agent's. An
// administrator may know everybody.
func (t *tester) strangersTo(a *agent) []*agent {
	var out []*agent
	for _, other := range sorted(t.agents) {
		from, to := a.actor.Organization, other.actor.Organization
		if other != a && from != "" && to != "" && from != to && !administers(a.actor.Role) {
			out = append(out, other)
		}
	}
	return out
}

func allowsAddress(fields []string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return strings.EqualFold(f, "email") })
}
