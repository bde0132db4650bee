package mtasts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/launchready/terraform-provider-launchready/internal/mail/taglist"
)

// Mode is what senders do where a host does not match or its TLS fails.
type Mode string

const (
	Enforce Mode = "enforce" // they do not deliver
	Testing Mode = "testing" // they deliver and report
	None    Mode = "none"    // there is no policy any more
)

// Modes returns all modes.
func Modes() []Mode { return []Mode{Enforce, Testing, None} }

const (
	// MaximumAge is the longest max_age, in seconds: about a year (section 3.2).
	MaximumAge = 31557600
	// ShortAge is under what the protection lapses between two messages.
	ShortAge = 86400
)

// Policy is a policy as it is served.
type Policy struct {
	Mode   Mode
	MaxAge int      // seconds that senders keep it
	MX     []string // patterns: a host, or "*." and a domain; lower case
}

// ParsePolicy reads what the policy host serves. Of a key that repeats, other
// than mx, the first counts; unknown keys are ignored (section 3.2). The error
// is Problems; the policy holds what could be read.
func ParsePolicy(body []byte) (Policy, error) {
	var p Policy
	var problems Problems
	if fault, remedy := notAPolicy(body); fault != "" {
		problems.Add(remedy, "%s", fault)
		return p, problems
	}
	seen := map[string]string{}
	for line := range strings.SplitSeq(string(body), "\n") {
		line = strings.Trim(line, " \t\r")
		if line == "" {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		key, value = strings.Trim(key, " \t"), strings.Trim(value, " \t")
		switch {
		case !ok || key == "":
			problems.Add("write key: value on each line", "the line %q is not of the form key: value", taglist.Clip(line))
		case key == "mx":
			if fault := faultOfPattern(value); fault != "" {
				problems.Add("name an MX host, or *. and its domain", "mx: %q %s", taglist.Clip(value), fault)
				continue
			}
			p.MX = append(p.MX, strings.ToLower(strings.TrimSuffix(value, ".")))
		default:
			if _, repeated := seen[key]; !repeated {
				seen[key] = value
			}
		}
	}
	p.judge(seen, &problems)
	return p, problems.AsError()
}

// notAPolicy tells what is no text of a policy at all.
func notAPolicy(body []byte) (fault, remedy string) {
	head := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 512)]))
	switch {
	case len(head) == 0:
		return "the policy is empty", "serve the policy's text"
	case bytes.HasPrefix(head, []byte("<")):
		return "a page of HTML is served in place of the policy", "serve the policy as text/plain, and let no application answer for the path"
	case len(body) > MaximumPolicySize:
		return "the policy is larger than the 64 kB that senders read", "serve the policy alone"
	case !utf8.Valid(body):
		return "the policy is not text", "serve it as plain ASCII, not compressed"
	case bytes.HasPrefix(body, []byte("\ufeff")):
		return "a byte order mark stands before the policy", "save the file as plain ASCII"
	}
	return "", ""
}

func (p *Policy) judge(seen map[string]string, problems *Problems) {
	switch version, ok := seen["version"]; {
	case !ok:
		problems.Add("add the line version: STSv1", "the key version is missing")
	case version != Version:
		problems.Add("write version: STSv1", "version %q is not defined", taglist.Clip(version))
	}
	mode, ok := seen["mode"]
	switch {
	case !ok:
		problems.Add("add mode: enforce, testing or none", "the key mode is missing")
	case !slices.Contains(Modes(), Mode(mode)):
		problems.Add("write enforce, testing or none", "mode %q is not defined", taglist.Clip(mode))
	default:
		p.Mode = Mode(mode)
	}
	age, ok := seen["max_age"]
	seconds, err := strconv.Atoi(age)
	switch {
	case !ok:
		problems.Add("add max_age: with seconds, such as 604800", "the key max_age is missing")
	case err != nil || seconds < 0 || seconds > MaximumAge || strings.Trim(age, "0123456789") != "":
		problems.Add(fmt.Sprintf("write seconds from 0 to %d", MaximumAge), "max_age %q is out of range", taglist.Clip(age))
	default:
		p.MaxAge = seconds
	}
	if p.Mode != "" && p.Mode != None && len(p.MX) == 0 && !slices.ContainsFunc(*problems, func(one Problem) bool { return strings.HasPrefix(one.Text, "mx:") }) {
		problems.Add("add a line mx: for each MX host", "no key mx names a host")
	}
}

func faultOfPattern(pattern string) string {
	host := strings.TrimSuffix(strings.TrimPrefix(pattern, "*."), ".")
	if host == "" || len(host) > 253 || strings.Contains(host, "*") {
		return "is not a host"
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return "is an address"
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, func(r rune) bool {
			return (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
		}) {
			return "is not a host"
		}
	}
	return ""
}

// Matches reports whether an MX host fits a pattern: "*." stands for exactly
// one label at the left, and never for none (section 4.1).
func Matches(pattern, host string) bool {
	pattern, host = strings.ToLower(strings.TrimSuffix(pattern, ".")), strings.ToLower(strings.TrimSuffix(host, "."))
	domain, wild := strings.CutPrefix(pattern, "*.")
	if !wild {
		return pattern == host
	}
	label, rest, ok := strings.Cut(host, ".")
	return ok && label != "" && rest == domain
}

// Covers reports whether any pattern of the policy fits an MX host.
func (p Policy) Covers(host string) bool {
	return slices.ContainsFunc(p.MX, func(pattern string) bool { return Matches(pattern, host) })
}

// Format writes the policy with CRLF line ends.
func (p Policy) Format() string {
	lines := []string{"version: " + Version, "mode: " + string(p.Mode)}
	for _, mx := range p.MX {
		lines = append(lines, "mx: "+mx)
	}
	lines = append(lines, "max_age: "+strconv.Itoa(p.MaxAge))
	return strings.Join(lines, "\r\n") + "\r\n"
}

// ID is an id for the record that changes whenever the policy does: 32 digits
// of a digest of its text.
func (p Policy) ID() string {
	sum := sha256.Sum256([]byte(p.Format()))
	return hex.EncodeToString(sum[:16])
}
