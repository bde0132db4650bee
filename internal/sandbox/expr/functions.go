package expr

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxResult bounds what a function may make of its arguments, in bytes.
const maxResult = 1 << 20

// functions are the functions of the language
// (https://developers.cloudflare.com/ruleset-engine/rules-language/functions/).
var functions = functionTable()

func functionTable() map[string]function {
	str, num := set{String}, set{Int}
	text := func(f func(string) string) function {
		return function{params: []set{str}, result: String, build: plain(func(a []any) any { return f(a[0].(string)) })}
	}
	return map[string]function{
		"any": {params: []set{{Bools}}, result: Bool, missing: true, build: plain(func(a []any) any {
			members, _ := a[0].([]any)
			return slices.ContainsFunc(members, truth)
		})},
		"all": {params: []set{{Bools}}, result: Bool, missing: true, build: plain(func(a []any) any {
			members, _ := a[0].([]any)
			return !slices.ContainsFunc(members, func(v any) bool { return !truth(v) })
		})},
		"len": {params: []set{{String, Strings, Ints, Bools}}, result: Int, build: plain(func(a []any) any {
			if s, ok := a[0].(string); ok {
				return int64(len(s))
			}
			return int64(len(a[0].([]any)))
		})},
		"lower": text(strings.ToLower),
		"upper": text(strings.ToUpper),
		"starts_with": {params: []set{str, str}, result: Bool, build: plain(func(a []any) any {
			return strings.HasPrefix(a[0].(string), a[1].(string))
		})},
		"ends_with": {params: []set{str, str}, result: Bool, build: plain(func(a []any) any {
			return strings.HasSuffix(a[0].(string), a[1].(string))
		})},
		"concat": {params: []set{{String, Int, Bool, IP}}, any: true, result: String, missing: true, build: plain(func(a []any) any {
			var out strings.Builder
			for _, v := range a {
				if v != nil {
					fmt.Fprint(&out, v)
				}
			}
			return bounded(out.String())
		})},
		"to_string":        {params: []set{{String, Int, Bool, IP}}, result: String, build: plain(func(a []any) any { return fmt.Sprint(a[0]) })},
		"substring":        {params: []set{str, num, num}, optional: 1, result: String, build: plain(substring)},
		"url_decode":       {params: []set{str, str}, optional: 1, result: String, build: urlDecode},
		"split":            {params: []set{str, str, num}, result: Strings, build: plain(split)},
		"join":             {params: []set{{Strings}, str}, result: String, build: plain(join)},
		"has_key":          {params: []set{{Map}, str}, result: Bool, build: plain(func(a []any) any { _, ok := a[0].(map[string][]string)[a[1].(string)]; return ok })},
		"has_value":        {params: []set{{Map, Strings, Ints}, {String, Int}}, result: Bool, build: plain(hasValue)},
		"regex_replace":    {params: []set{str, str, str}, result: String, build: regexReplace},
		"wildcard_replace": {params: []set{str, str, str, str}, optional: 1, result: String, build: wildcardReplace},
		"lookup_json_string": {params: []set{str, {String, Int}}, any: true, result: String, build: plain(func(a []any) any {
			s, ok := lookupJSON(a).(string)
			if !ok {
				return nil
			}
			return s
		})},
		"lookup_json_integer": {params: []set{str, {String, Int}}, any: true, result: Int, build: plain(func(a []any) any {
			n, err := strconv.ParseInt(fmt.Sprint(lookupJSON(a)), 10, 64)
			if err != nil {
				return nil
			}
			return n
		})},
		"encode_base64": {params: []set{str, str}, optional: 1, result: String, build: plain(encodeBase64)},
		"decode_base64": text(func(s string) string {
			out, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "=")) // what is no base64 gives what was read of it
			return string(out)
		}),
		"sha256":                 text(func(s string) string { sum := sha256.Sum256([]byte(s)); return string(sum[:]) }),
		"cidr":                   {params: []set{{IP}, num, num}, result: IP, build: plain(cidr)},
		"is_timed_hmac_valid_v0": {params: []set{str, str, num, num, num, str}, optional: 2, result: Bool, build: plain(timedHMAC)},
	}
}

func bounded(s string) any {
	if len(s) > maxResult {
		return nil
	}
	return s
}

// substring takes bytes from start to before end; both count from the end of
// the string where they are negative.
func substring(a []any) any {
	s := a[0].(string)
	size := int64(len(s))
	from, to := a[1].(int64), size
	if len(a) > 2 {
		to = a[2].(int64)
	}
	if from < 0 {
		from += size
	}
	if to < 0 {
		to += size
	}
	from, to = max(0, min(from, size)), max(0, min(to, size))
	if from >= to {
		return ""
	}
	return s[from:to]
}

// urlDecode is url_decode: the option r decodes until nothing is left to be.
func urlDecode(args []node) (func([]any) any, error) {
	return func(a []any) any {
		s := a[0].(string)
		again := len(a) > 1 && strings.Contains(a[1].(string), "r")
		for range 10 {
			out := decodeOnce(s)
			if out == s || !again {
				return out
			}
			s = out
		}
		return s
	}, nil
}

// decodeOnce decodes what can be, and leaves a lone percent sign alone.
func decodeOnce(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			part, _ := url.PathUnescape(s[i : i+3]) // two hex digits
			out.WriteString(part)
			i += 2
		case s[i] == '+':
			out.WriteByte(' ')
		default:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

func split(a []any) any {
	separator, limit := a[1].(string), a[2].(int64)
	if separator == "" || limit < 1 || limit > 128 {
		return nil
	}
	return list(strings.SplitN(a[0].(string), separator, int(limit)))
}

func join(a []any) any {
	var parts []string
	for _, v := range a[0].([]any) {
		parts = append(parts, v.(string))
	}
	return bounded(strings.Join(parts, a[1].(string)))
}

func hasValue(a []any) any {
	if m, ok := a[0].(map[string][]string); ok {
		for _, values := range m {
			if want, ok := a[1].(string); ok && slices.Contains(values, want) {
				return true
			}
		}
		return false
	}
	return slices.Contains(a[0].([]any), a[1])
}

// regexReplace is regex_replace: the first match alone, with ${n} for groups.
func regexReplace(args []node) (func([]any) any, error) {
	if !args[1].literal {
		return nil, errors.New("the pattern must be a literal")
	}
	re, err := regexp.Compile(args[1].eval(nil).(string))
	if err != nil {
		return nil, err
	}
	return func(a []any) any {
		s := a[0].(string)
		at := re.FindStringSubmatchIndex(s)
		if at == nil {
			return s
		}
		return bounded(s[:at[0]] + string(re.ExpandString(nil, a[2].(string), s, at)) + s[at[1]:])
	}, nil
}

// wildcardReplace is wildcard_replace: the pattern must match the whole.
func wildcardReplace(args []node) (func([]any) any, error) {
	if !args[1].literal || len(args) > 3 && !args[3].literal {
		return nil, errors.New("the pattern and the flags must be literals")
	}
	strict := len(args) > 3 && args[3].eval(nil).(string) == "s"
	re, err := wildcard(args[1].eval(nil).(string), strict)
	if err != nil {
		return nil, err
	}
	return func(a []any) any {
		out, _ := expand(re, a[0].(string), a[2].(string))
		return bounded(out)
	}, nil
}

// lookupJSON follows keys and indices into a document; nil where it leads
// nowhere.
func lookupJSON(a []any) any {
	d := json.NewDecoder(strings.NewReader(a[0].(string)))
	d.UseNumber()
	var at any
	if d.Decode(&at) != nil {
		return nil
	}
	for _, key := range a[1:] {
		switch in := at.(type) {
		case map[string]any:
			name, _ := key.(string)
			at = in[name]
		case []any:
			n, ok := key.(int64)
			if !ok || n < 0 || n >= int64(len(in)) {
				return nil
			}
			at = in[n]
		default:
			return nil
		}
	}
	return at
}

// encodeBase64 is encode_base64 with the flags u (for URLs) and p (padded).
func encodeBase64(a []any) any {
	flags := ""
	if len(a) > 1 {
		flags = a[1].(string)
	}
	encoding := base64.RawStdEncoding
	if strings.Contains(flags, "u") {
		encoding = base64.RawURLEncoding
	}
	if strings.Contains(flags, "p") {
		encoding = encoding.WithPadding(base64.StdPadding)
	}
	return encoding.EncodeToString([]byte(a[0].(string)))
}

// cidr is the network of an address, by the prefix length for its version.
func cidr(a []any) any {
	ip, bits := a[0].(netip.Addr), a[1].(int64)
	if ip.Is6() {
		bits = a[2].(int64)
	}
	if bits < 0 || bits > 128 {
		return nil
	}
	network, err := ip.Prefix(int(bits))
	if err != nil {
		return nil
	}
	return network.Addr()
}

// timedHMAC is is_timed_hmac_valid_v0: the message ends with a separator, the
// time of signing and, after a dash, the base64 of the HMAC-SHA256 of both.
func timedHMAC(a []any) any {
	key, signed, lifetime, now := a[0].(string), a[1].(string), a[2].(int64), a[3].(int64)
	separator := int64(0)
	if len(a) > 4 {
		separator = a[4].(int64)
	}
	dash := strings.LastIndexByte(signed, '-')
	if dash < 0 {
		return false
	}
	encoding := base64.StdEncoding
	mac := decodeOnce(strings.ReplaceAll(signed[dash+1:], "+", "%2B"))
	if len(a) > 5 && strings.Contains(a[5].(string), "s") {
		encoding, mac = base64.RawURLEncoding, signed[dash+1:]
	}
	start := dash
	for start > 0 && isDigit(signed[start-1]) {
		start--
	}
	stamp := signed[start:dash]
	issued, err := strconv.ParseInt(stamp, 10, 64)
	end := int64(start) - separator
	got, err2 := encoding.DecodeString(mac)
	if err != nil || err2 != nil || separator < 0 || end < 0 {
		return false
	}
	age := time.Unix(now, 0).Sub(time.Unix(issued, 0))
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(signed[:end] + stamp))
	return hmac.Equal(h.Sum(nil), got) && age >= 0 && age < time.Duration(min(lifetime, 1<<32))*time.Second
}
