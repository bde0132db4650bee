package edgecheck

import (
	"net/http"
	"slices"
	"strings"
)

// policy is one Content-Security-Policy: directives by name, the first of each
// counts (CSP Level 3 section 2.2.1).
type policy map[string][]string

func parsePolicy(text string) policy {
	out := policy{}
	for directive := range strings.SplitSeq(text, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 {
			continue
		}
		name := strings.ToLower(words[0])
		if _, twice := out[name]; !twice {
			out[name] = words[1:]
		}
	}
	return out
}

// policiesOf reads the policies of a header; a comma separates two (section 2.2.2).
func policiesOf(h http.Header, name string) []policy {
	var out []policy
	for _, value := range h.Values(name) {
		for text := range strings.SplitSeq(value, ",") {
			if strings.TrimSpace(text) != "" {
				out = append(out, parsePolicy(text))
			}
		}
	}
	return out
}

// sources are those of the first directive of some that the policy has.
func (p policy) sources(names ...string) ([]string, bool) {
	for _, name := range names {
		if sources, ok := p[name]; ok {
			return sources, true
		}
	}
	return nil, false
}

// weakness says why a policy does not keep injected scripts from running; empty
// if it does. Script elements and the handlers in attributes of others have
// sources of their own (section 6.8.3).
func (p policy) weakness() string {
	elements, forElements := p.sources("script-src-elem", "script-src", "default-src")
	handlers, forHandlers := p.sources("script-src-attr", "script-src", "default-src")
	switch {
	case !forElements:
		return "the policy says nothing of scripts"
	case weak(elements) != "":
		return weak(elements)
	case !forHandlers:
		return "the policy says nothing of scripts in attributes"
	case inlineAllowed(handlers):
		return "the policy allows 'unsafe-inline' scripts in attributes"
	default:
		return ""
	}
}

// inlineAllowed reports whether 'unsafe-inline' is in force. A nonce or a digest
// turns it off (section 6.7.3.2), and so does 'strict-dynamic'.
func inlineAllowed(sources []string) bool {
	inline := false
	for _, s := range sources {
		lower := strings.ToLower(s)
		switch {
		case lower == "'strict-dynamic'", strings.HasPrefix(lower, "'nonce-"), strings.HasPrefix(lower, "'sha256-"), strings.HasPrefix(lower, "'sha384-"), strings.HasPrefix(lower, "'sha512-"):
			return false
		case lower == "'unsafe-inline'":
			inline = true
		}
	}
	return inline
}

// weak says why sources do not keep injected script elements from running.
// 'strict-dynamic' turns hosts and schemes off.
func weak(sources []string) string {
	if inlineAllowed(sources) {
		return "the policy allows 'unsafe-inline' scripts without a nonce or a digest"
	}
	if slices.ContainsFunc(sources, func(s string) bool { return strings.EqualFold(s, "'strict-dynamic'") }) {
		return ""
	}
	for _, s := range sources {
		if strings.EqualFold(s, "data:") || anywhere(s) {
			return "the policy allows scripts from anywhere: " + shorten(s)
		}
	}
	return ""
}

// anywhere reports a source that every host matches: "*", "https:", "https://*",
// "*:443" and their like.
func anywhere(source string) bool {
	lower := strings.ToLower(source)
	if lower == "http:" || lower == "https:" {
		return true
	}
	lower = strings.TrimPrefix(strings.TrimPrefix(lower, "https://"), "http://")
	host, _, _ := strings.Cut(lower, "/")
	host, _, _ = strings.Cut(host, ":")
	return host == "*"
}

// framing reports whether a policy says who may frame the page, and whether it
// leaves that open to anyone.
func (p policy) framing() (said, open bool) {
	sources, said := p["frame-ancestors"]
	for _, s := range sources {
		if anywhere(s) {
			open = true
		}
	}
	return said, open
}
