package authcheck

import (
	_ "embed"
	"encoding/base64"
	"strings"
	"sync"
)

//go:embed secrets.txt
var secretList string

// wellKnownSecrets are what samples, tutorials and frameworks sign with, and
// what people think of first.
var wellKnownSecrets = sync.OnceValue(func() []string {
	return strings.Split(strings.TrimSpace(secretList), "\n")
})

// wellKnown adds to them what is known of the portal itself, and how programs
// spell a word: base64, with a line break at its end.
func wellKnown(host string, claims map[string]any) []string {
	own := []string{host}
	labels := strings.Split(host, ".")
	for i := range labels {
		own = append(own, labels[i], strings.Join(labels[i:], "."))
	}
	for _, claim := range []string{"iss", "aud", "sub"} {
		if text, ok := claims[claim].(string); ok {
			own = append(own, text)
		}
	}
	for _, name := range own[:len(own):len(own)] {
		for _, ending := range []string{"secret", "-secret", "_secret", "123", "-jwt", "-key"} {
			own = append(own, name+ending)
		}
	}
	out := append([]string{""}, own...)
	for _, word := range wellKnownSecrets() {
		out = append(out, word, word+"\n", base64.StdEncoding.EncodeToString([]byte(word)))
		if raw, err := base64.StdEncoding.DecodeString(word); err == nil {
			out = append(out, string(raw))
		}
	}
	return out
}
