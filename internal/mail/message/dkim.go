package message

import (
	"bytes"
	"context"
	"errors"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-msgauth/dkim"
)

// Result is the outcome of a method, in the words of RFC 8601 section 2.7.
type Result string

const (
	None      Result = "none"
	Pass      Result = "pass"
	Fail      Result = "fail"
	SoftFail  Result = "softfail"
	Neutral   Result = "neutral"
	TempError Result = "temperror"
	PermError Result = "permerror"
)

// Signature is one DKIM-Signature field and what came of it.
type Signature struct {
	Domain   string // d=, A-labels, lower case
	Selector string // s=
	Result   Result
	Reason   string   // why it is no pass; the same words for the same fault
	Covered  []string // h=: fields that are signed, lower case
	Partial  bool     // l= leaves the end of the body open (RFC 6376 section 8.2)
	Aligned  bool     // d= aligns with From, as the policy record asks
	Testing  bool     // the key says t=y: receivers may take the message for unsigned (RFC 6376 section 3.6.1)
}

// signatures verifies the signatures, topmost first, 50 at most.
func (m *Message) signatures(ctx context.Context, r Resolver) []Signature {
	var out []Signature
	var keys []string // names of the key records
	for _, value := range m.All("DKIM-Signature") {
		if len(out) == maxSignatures {
			break
		}
		tags := tagsOf(value)
		s := Signature{Domain: canonical(tags["d"]), Selector: strings.ToLower(tags["s"])}
		_, s.Partial = tags["l"]
		for name := range strings.SplitSeq(tags["h"], ":") {
			if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
				s.Covered = append(s.Covered, name)
			}
		}
		out = append(out, s)
		keys = append(keys, keyName(tags["s"]+"._domainkey."+tags["d"]))
	}
	if len(out) == 0 {
		return nil
	}
	if m.Truncated {
		return each(out, TempError, "the message is too large to be verified")
	}
	var testing sync.Map // names of the keys that say t=y
	lookup := lookupTXT(ctx, r)
	verified, err := dkim.VerifyWithOptions(bytes.NewReader(m.Raw), &dkim.VerifyOptions{MaxVerifications: maxSignatures, LookupTXT: func(name string) ([]string, error) {
		records, err := lookup(name)
		if len(records) == 1 && slices.Contains(strings.Split(tagsOf(records[0])["t"], ":"), "y") {
			testing.Store(keyName(name), true)
		}
		return records, err
	}})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) || len(verified) != len(out) {
		return each(out, PermError, "the message cannot be read")
	}
	for i, v := range verified {
		out[i].Result, out[i].Reason = outcome(v.Err)
		_, out[i].Testing = testing.Load(keys[i])
	}
	return out
}

func keyName(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") }

func each(list []Signature, result Result, reason string) []Signature {
	for i := range list {
		list[i].Result, list[i].Reason = result, reason
	}
	return list
}

func outcome(err error) (Result, string) {
	switch {
	case err == nil:
		return Pass, ""
	case dkim.IsTempFail(err):
		return TempError, "the key could not be looked up"
	case strings.Contains(err.Error(), "no key for signature"):
		return PermError, "there is no key at the selector"
	case dkim.IsPermFail(err):
		return PermError, words(err)
	}
	return Fail, words(err)
}

// words is the library's text without the parts that quote.
func words(err error) string {
	text := strings.TrimPrefix(err.Error(), "dkim: ")
	if before, _, ok := strings.Cut(text, ": crypto/"); ok {
		text = before
	}
	return text
}

// lookupTXT adapts a Resolver to the library, which takes any error but a
// temporary net.Error for good: a name server that is down would be a bad signature.
func lookupTXT(ctx context.Context, r Resolver) func(string) ([]string, error) {
	return func(name string) ([]string, error) {
		records, err := r.LookupTXT(ctx, strings.TrimSuffix(name, "."))
		var dnsErr *net.DNSError
		switch {
		case errors.As(err, &dnsErr) && dnsErr.IsNotFound:
			return nil, dnsErr
		case err != nil:
			return nil, &net.DNSError{Err: "not answered", Name: name, IsTemporary: true}
		}
		var out []string
		for _, strs := range records {
			out = append(out, strings.Join(strs, ""))
		}
		return out, nil
	}
}

var blanks = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\s+`) })

// tagsOf reads a tag list (RFC 6376 section 3.2), blanks taken out of the values.
func tagsOf(value string) map[string]string {
	out := map[string]string{}
	for tag := range strings.SplitSeq(value, ";") {
		name, v, ok := strings.Cut(tag, "=")
		if ok {
			out[strings.TrimSpace(name)] = blanks().ReplaceAllString(v, "")
		}
	}
	return out
}
