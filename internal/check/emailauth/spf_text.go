package emailauth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
)

// spfSizeLimit is what a name and its TXT records should stay under, in octets,
// so that the answer fits a UDP packet of 512 (RFC 7208 section 3.4).
const spfSizeLimit = 450

// spfText decides the rules about the texts at the name, whether or not one of
// them is an SPF record.
func (s *session) spfText(name string, root *spf.Node) {
	blank, senderID := false, false
	for _, strs := range root.TXT {
		text := strings.Join(strs, "")
		switch fault := whitespaceFault(text); {
		case fault != "":
			blank = true
			s.failSPF("spf.whitespace", name, "", fault+": "+quote(text))
		case strings.HasPrefix(strings.ToLower(text), "spf2.0"):
			senderID = true
			s.failSPF("spf.senderid", name, "", "a Sender ID record is published: "+quote(text))
		}
	}
	if !blank {
		s.report.Pass("spf.whitespace", name, "no record is spoilt by blanks or characters that cannot be seen")
	}
	if !senderID {
		s.report.Pass("spf.senderid", name, "no Sender ID record is published")
	}
}

// whitespaceFault says which blank or foreign character spoils a text that was
// meant as an SPF record; empty if none does.
func whitespaceFault(text string) string {
	trimmed := strings.TrimLeft(text, " \t\r\n\u00a0\ufeff\u200b\"'\u201c\u2018")
	if len(trimmed) < len(spf.Version) || !strings.EqualFold(trimmed[:len(spf.Version)], spf.Version) {
		return ""
	}
	if trimmed != text {
		return "receivers do not see the record: a blank or a quotation mark stands before v=spf1"
	}
	rest := text[len(spf.Version):]
	for i, r := range rest {
		foreign := r < 0x20 || r > 0x7e
		switch {
		case i == 0 && foreign:
			return fmt.Sprintf("receivers do not see the record: %U follows v=spf1 where a space belongs", r)
		case i == 0 && r != ' ':
			return "" // v=spf10, v=spf1mx: another record, or another mistake
		case foreign:
			return fmt.Sprintf("%U stands in the record", r)
		}
	}
	return ""
}

func (s *session) spfSize(name string, root *spf.Node) {
	size := len(name)
	for _, strs := range root.TXT {
		size += len(strings.Join(strs, ""))
	}
	if size > spfSizeLimit {
		s.failSPF("spf.size", name, "", fmt.Sprintf("the name and its %d TXT records take %d octets; over %d the answer may not fit one UDP packet", len(root.TXT), size, spfSizeLimit))
		return
	}
	s.report.Pass("spf.size", name, "the TXT records fit one UDP packet")
}

// spfWrongPlace looks for a record where nobody asks for it, after none was
// found where it belongs.
func (s *session) spfWrongPlace(name string) {
	const rule = "spf.wrong_place"
	wild, below := s.texts(control + "." + name)
	places := []string{name + "." + name, "_spf." + name, "spf." + name}
	found, open := false, ""
	for _, place := range places {
		texts, answer := s.texts(place)
		if !answer.Status.Decided() {
			open = undecided(answer)
			continue
		}
		for _, text := range texts {
			if spf.IsSPF(text) && below.Status.Decided() && !slices.Contains(wild, text) {
				found = true
				s.failSPF(rule, name, "", fmt.Sprintf("an SPF record stands at %s, where no receiver looks: %s", place, quote(text)))
			}
		}
	}
	for _, text := range wild {
		if spf.IsSPF(text) && !found {
			found = true
			s.failSPF(rule, name, "", fmt.Sprintf("an SPF record stands at the wildcard *.%s, which does not cover the name itself: %s", name, quote(text)))
		}
	}
	switch {
	case found:
	case open != "":
		s.report.Inconclusive(rule, name, open)
	case !below.Status.Decided():
		s.report.Inconclusive(rule, name, undecided(below))
	default:
		s.report.Pass(rule, name, "no SPF record was found at the usual wrong places")
	}
}
