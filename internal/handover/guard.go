package handover

import (
	"context"
	"math"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/launchready/terraform-provider-launchready/internal/secretscan"
)

// The document names places of credentials. People paste values into such
// fields, so that what looks like one is refused. What is refused is never
// repeated: the reason says its kind alone.

// Suspect says why a text looks as if it held a credential; "" if it does not.
func Suspect(ctx context.Context, text string) (string, error) {
	if addressed().MatchString(text) {
		return "an address with a user name and a password", nil
	}
	for _, m := range labelled().FindAllStringSubmatch(text, -1) {
		if value := strings.Trim(m[1], `"'`+"`,;.)"); !isReference(value) && isPassword(value, shortest) {
			return "a value that follows a word such as password or token", nil
		}
	}
	for _, word := range strings.Fields(text) {
		if word = strings.Trim(word, `"'`+"`,;.()"); !strings.Contains(word, "://") && isRandom(word) {
			return "a run of random letters and digits", nil
		}
	}
	e, err := engine()
	if err != nil {
		return "", err
	}
	for _, f := range e.Scan(ctx, secretscan.Text{Content: text + "\n", Name: "text"}) {
		if f.Class != secretscan.Public {
			return f.Kind, nil
		}
	}
	return "", ctx.Err()
}

// SuspectPlace is Suspect for what must be a place: a text of one word that may
// be a password is none.
func SuspectPlace(ctx context.Context, text string) (string, error) {
	word := strings.TrimSpace(text)
	if !strings.ContainsFunc(word, unicode.IsSpace) && !isReference(word) && (uuid().MatchString(word) || isPassword(word, 2*shortest)) {
		return "one word that may be the value itself", nil
	}
	return Suspect(ctx, text)
}

var engine = sync.OnceValues(func() (*secretscan.Engine, error) { return secretscan.New(secretscan.Options{}) })

var (
	addressed = once(`[a-zA-Z][a-zA-Z0-9+.-]*://[^/\s:@]*:[^/\s@]+@`)
	labelled  = once(`(?i)(?:^|[\s,;(])(?:pass(?:word|wd|phrase|code)?|pwd|pw|pin|secret|token|(?:api|access|private)[ _-]?key|key|kennwort|passwort|mot de passe|contraseña)\s*(?:[:=]|\bis\b)\s*(\S+)`)
	uuid      = once(`(?i)^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$`)
	constant  = once(`^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$`) // a name of a variable
	parted    = once(`[-_./:@#]+`)
)

func once(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// isReference tells a name of a place from a value: an address, an ARN, a
// variable, or a path whose parts are no random text.
func isReference(word string) bool {
	if strings.Contains(word, "://") || strings.HasPrefix(word, "$") || strings.HasPrefix(word, "<") || strings.HasPrefix(word, "arn:") || constant().MatchString(word) {
		return true
	}
	if strings.ContainsAny(word, specials) || !strings.ContainsAny(word, "/") {
		return false
	}
	for _, piece := range strings.Split(word, "/") {
		if isRandom(piece) {
			return false
		}
	}
	return true
}

const (
	// shortest is how many characters a password has at least to be known as one
	// beside the word password.
	shortest = 6
	// specials are characters that are in passwords, and in no name.
	specials = "!$%^&*?~+="
)

// isPassword reports whether a word may be a password: letters with digits, or
// with characters that no name has. A longer one has both, or both cases.
func isPassword(word string, least int) bool {
	var lower, upper, digit, special bool
	for _, r := range word {
		lower, upper = lower || unicode.IsLower(r), upper || unicode.IsUpper(r)
		digit, special = digit || unicode.IsDigit(r), special || strings.ContainsRune(specials+"#@", r)
	}
	letter := lower || upper
	if len(word) < least {
		return len(word) >= shortest+2 && letter && digit && special && strings.ContainsAny(word, specials)
	}
	if least == shortest {
		return letter && digit || special && letter
	}
	return letter && digit && (special && strings.ContainsAny(word, specials) || isRandom(word) || lower && upper && !strings.ContainsAny(word, "-_./:") && bits(word) >= 3.3)
}

// isRandom reports whether a piece between separators looks like nothing that
// people write: long, letters and digits mixed, in both cases or hexadecimal.
func isRandom(word string) bool {
	for _, piece := range parted().Split(word, -1) {
		var lower, upper, digit, other, hex int
		for _, r := range piece {
			switch {
			case unicode.IsDigit(r):
				digit++
			case unicode.IsLower(r):
				lower++
			case unicode.IsUpper(r):
				upper++
			case r != '+' && r != '=':
				other++
			}
			if strings.ContainsRune("0123456789abcdefABCDEF", r) {
				hex++
			}
		}
		switch n := len(piece); {
		case other > 0:
		case n >= 20 && hex == n && digit > 2 && lower+upper > 2 && bits(piece) > 2.5,
			n >= 20 && lower > 2 && upper > 2 && digit > 1 && bits(piece) >= 3.7:
			return true
		}
	}
	return false
}

// bits is the entropy of a text in bits a character.
func bits(text string) float64 {
	counts := map[rune]float64{}
	n := 0.0
	for _, r := range text {
		counts[r]++
		n++
	}
	sum := 0.0
	for _, c := range counts {
		sum -= c / n * math.Log2(c/n)
	}
	return sum
}

// Hide leaves out of a runbook's sections what looks as if it held a credential.
func Hide(ctx context.Context, sections []Section) ([]Section, error) {
	out := make([]Section, len(sections))
	for i, s := range sections {
		text := strings.Join(append([]string{s.Owner, s.Contact, s.Time, s.Escalate}, s.Steps...), "\n")
		why, err := Suspect(ctx, text)
		if err != nil {
			return nil, err
		}
		if out[i] = s; why != "" {
			out[i] = Section{Topic: s.Topic, Place: s.Place, Hidden: true}
		}
	}
	return out, nil
}
