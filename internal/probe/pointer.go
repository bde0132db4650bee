package probe

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// TextAt is a text or number in a JSON document by its pointer (RFC 6901), such
// as /data/0/token.
func TextAt(document []byte, pointer string) (string, bool) {
	if !strings.HasPrefix(pointer, "/") {
		return "", false
	}
	var at any
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	if decoder.Decode(&at) != nil {
		return "", false
	}
	for part := range strings.SplitSeq(pointer[1:], "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch node := at.(type) {
		case map[string]any:
			at = node[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(node) || strconv.Itoa(i) != part {
				return "", false
			}
			at = node[i]
		default:
			return "", false
		}
	}
	switch value := at.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	}
	return "", false
}

// usualTokens are where answers to a sign-in hold a token that nobody named.
var usualTokens = []string{
	"/access_token", "/token", "/accessToken", "/jwt", "/id_token", "/auth_token", "/key", "/data/token", "/data/access_token", "/data/accessToken",
	"/session/access_token", "/result/token", "/user/token", "/access", "/tokens/access/token",
}

// tokenAt finds a token in an answer to a sign-in. An empty pointer looks at the
// usual places.
func tokenAt(x Exchange, pointer string) (string, error) {
	if pointer == "" {
		for _, usual := range usualTokens {
			if token, ok := TextAt(x.Body, usual); ok && isToken(token) && len(token) >= 16 {
				return token, nil
			}
		}
		if token, ok := strings.CutPrefix(x.Header.Get("Authorization"), "Bearer "); ok && isToken(token) {
			return token, nil
		}
		if err := cutOff(x); err != nil {
			return "", err
		}
		return "", because(ErrChanged, "the answer to the sign-in sets no cookie and holds no token: name the place of the token in portal.sign_in.token_pointer")
	}
	token, ok := TextAt(x.Body, pointer)
	switch err := cutOff(x); {
	case !ok && err != nil:
		return "", err
	case !json.Valid(x.Body):
		return "", because(ErrChanged, "the answer to the sign-in is not JSON, so that there is no token at %s", pointer)
	case !ok || !isToken(token):
		return "", because(ErrChanged, "the answer to the sign-in has no token at %s", pointer)
	}
	return token, nil
}

// cutOff says that an answer was not read to its end, where that is why nothing is
// found in it.
func cutOff(x Exchange) error {
	switch {
	case x.Status != 0 && x.Failure != FailNone:
		return because(ErrNoAnswer, "the answer to the sign-in was cut off before its end: %s", x.Detail)
	case x.Truncated:
		return because(ErrChanged, "the answer to the sign-in was cut off: it is longer than is read, and holds no token up to there")
	}
	return nil
}

// isToken reports whether a text can stand in a header: one with a line break
// would be a second one.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}
