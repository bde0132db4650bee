package cloudflare

import "strings"

// TokenError says why a string cannot be an API token. It never holds the string.
type TokenError struct {
	Problem string // such as "is empty"
	Remedy  string // a sentence
}

func (e *TokenError) Error() string { return "the API token " + e.Problem + ". " + e.Remedy }

const createToken = "Create an API token at https://dash.cloudflare.com/profile/api-tokens with Zone Read and, for what is used, DNS Write, Zone Settings Write, Zone WAF Write, HTTP DDoS Managed Ruleset Write, Cache Rules Write, Single Redirect Write, Transform Rules Write and Health Checks Write on the zone, and Notifications Write on the account."

// globalKeyLength is the length of a Global API Key of the old form, all hexadecimal.
const globalKeyLength = 37

// checkToken refuses what cannot be a token: cfut_ (user) and cfat_ (account)
// tokens and those of 40 characters without a prefix pass, and so does any other
// word, because the formats may grow.
func checkToken(token string) error {
	quoted := len(token) > 1 && (token[0] == '"' || token[0] == '\'')
	switch {
	case token == "":
		return &TokenError{"is empty", createToken}
	case len(token) > 6 && strings.EqualFold(token[:7], "bearer "):
		return &TokenError{`begins with "Bearer "`, "Give the token alone; the header is made from it."}
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return &TokenError{"has white space or a line break in it", "Give the token alone; a token that is read from a file needs trimspace()."}
	case quoted:
		return &TokenError{"is in quotes", "Give the token without quotes around it."}
	case strings.ContainsFunc(token, func(r rune) bool { return r > 0x7e }):
		return &TokenError{"has characters that no token has", "Copy it again; a program may have replaced some of its characters."}
	case strings.HasPrefix(token, "cfk_"), len(token) == globalKeyLength && isHex(token):
		return &TokenError{"is a Global API Key", "A Global API Key can do anything to the whole account and is not accepted. " + createToken}
	}
	return nil
}

func isHex(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'f') && (r < 'A' || r > 'F')
	})
}
