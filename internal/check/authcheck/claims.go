package authcheck

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// sensitive reads the claims, which anybody can who holds the token: they are
// encoded, not encrypted. What they hold is named, never shown.
func (t *signedToken) sensitive() {
	found := sensitiveClaims(t.claims)
	if len(found) == 0 {
		t.pass(ruleClaims, t.name, "the token holds no hash, card number or profile of a person")
		return
	}
	t.fail(ruleClaims, t.name, "the token holds "+strings.Join(found, ", "))
}

var (
	hashShape   = regexp.MustCompile(`^(\$2[aby]?\$|\$argon2|\$pbkdf2|pbkdf2_|\$6\$|\$scrypt|scrypt:|\{SSHA)`)
	secretName  = regexp.MustCompile(`(?i)^(password|passwd|pwd)(_?(hash|digest))?$|secret|private_?key|card_?number|^iban$|^ssn$|totp`)
	phoneName   = regexp.MustCompile(`(?i)phone|mobile|^tel$`)
	addressName = regexp.MustCompile(`(?i)^(address|street|birth_?date|dob|date_of_birth)$`)
)

// sensitiveClaims are the kinds of data that have no business in a token.
func sensitiveClaims(claims map[string]any) []string {
	found := map[string]bool{}
	mail, role, personal := false, false, false
	var walk func(name string, node any, depth int)
	walk = func(name string, node any, depth int) {
		switch n := node.(type) {
		case map[string]any:
			for key, value := range n {
				if depth < 6 {
					walk(key, value, depth+1)
				}
			}
		case []any:
			for _, value := range n {
				if depth < 6 {
					walk(name, value, depth+1)
				}
			}
		case string:
			switch {
			case n == "":
			case hashShape.MatchString(n):
				found["a password hash"] = true
			case secretName.MatchString(name):
				found["a secret by its name"] = true
			case isCard(n):
				found["a card number"] = true
			}
			mail = mail || strings.Contains(n, "@") && strings.Contains(strings.ToLower(name), "mail")
			role = role || strings.Contains(strings.ToLower(name), "role")
			personal = personal || n != "" && (phoneName.MatchString(name) || addressName.MatchString(name))
		}
	}
	walk("", claims, 0)
	if mail && role && personal {
		found["a person's address, role and phone number or the like"] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// isCard reports whether a text is a payment card's number by its check digit
// (ISO/IEC 7812).
func isCard(s string) bool {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(s)
	if len(digits) < 13 || len(digits) > 19 || strings.Trim(digits, "0123456789") != "" || strings.IndexByte("3456", digits[0]) < 0 {
		return false
	}
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
