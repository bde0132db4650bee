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

// scripts are the sources that inline script blocks are judged by (section 6.8.3).
func (p policy) scripts() ([]string, bool) {
	for _, name := range []string{"script-src-elem", "script-src", "default-src"} {
		if sources, ok := p[name]; ok {
			return sources, true
		}
	}
	return nil, false
}

// weakness says why a policy does not keep injected scripts from running; empty
// if it does. A nonce or a digest turns 'unsafe-inline' off (section 6.7.3.2),
// 'strict-dynamic' the hosts and schemes.
func (p policy) weakness() string {
	sources, ok := p.scripts()
	if !ok {
		return "the policy says nothing of scripts"
	}
	keyed, dynamic, inline, wide := false, false, false, ""
	for _, s := range sources {
		lower := strings.ToLower(s)
		switch {
		case strings.HasPrefix(lower, "'nonce-"), strings.HasPrefix(lower, "'sha256-"), strings.HasPrefix(lower, "'sha384-"), strings.HasPrefix(lower, "'sha512-"):
			keyed = true
		case lower == "'strict-dynamic'":
			dynamic = true
		case lower == "'unsafe-inline'":
			inline = true
		case slices.Contains([]string{"*", "http:", "https:", "data:"}, lower):
			wide = s
		}
	}
	switch {
	case inline && !keyed && !dynamic:
		return "the policy allows 'unsafe-inline' scripts without a nonce or a digest"
	case wide != "" && !dynamic:
		return "the policy allows scripts from anywhere: " + wide
	default:
		return ""
	}
}

// framing reports whether a policy says who may frame the page, and whether it
// leaves that open to anyone.
func (p policy) framing() (said, open bool) {
	sources, said := p["frame-ancestors"]
	for _, s := range sources {
		if slices.Contains([]string{"*", "http:", "https:"}, strings.ToLower(s)) {
			open = true
		}
	}
	return said, open
}
