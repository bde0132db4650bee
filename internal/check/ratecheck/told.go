package ratecheck

import (
	"maps"
	"strings"
	"unicode"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// told tells answers to right passwords from those to wrong ones where both have
// one status and lead to one place. What varies from answer to answer, such as a
// time, a tip or a number of visitors, tells nothing: what counts is what one kind
// always says, and the other has never said.
type told struct {
	right, wrong sayings
	brake        sayings // what was answered to wrong ones once all that they said was missing
}

// sayings are the traits of answers of one kind.
type sayings struct {
	always, ever map[string]bool
	count        int
}

func (s *sayings) add(body []byte) {
	s.count++
	traits := probe.Traits(body)
	if s.ever == nil {
		s.always, s.ever = maps.Clone(traits), traits
		return
	}
	maps.DeleteFunc(s.always, func(trait string, _ bool) bool { return !traits[trait] })
	maps.Copy(s.ever, traits)
}

// beside is what these always say and others have never said.
func (s *sayings) beside(others sayings) map[string]bool {
	out := maps.Clone(s.always)
	maps.DeleteFunc(out, func(trait string, _ bool) bool { return others.ever[trait] })
	return out
}

// refused adds the answer to a wrong password, unless all that they said so far is
// missing in it: then it is a brake's in words of its own.
func (t *told) refused(body []byte) {
	if t.wrong.count >= 3 && len(t.wrong.beside(t.right)) > 0 {
		next := sayings{always: maps.Clone(t.wrong.always), ever: maps.Clone(t.wrong.ever)}
		if next.add(body); len(next.beside(t.right)) == 0 {
			t.brake.add(body)
			return
		}
	}
	t.wrong.add(body)
}

// apart reports whether there is anything to tell the two kinds by. What one answer
// to a right password has beside others is something only where those do not vary.
func (t *told) apart() bool {
	steady := len(t.wrong.always) == len(t.wrong.ever)
	return len(t.wrong.beside(t.right)) > 0 || steady && len(t.right.beside(t.wrong)) > 0
}

// succeeded reports whether a body is of the kind that right passwords get.
func (t *told) succeeded(body []byte) bool {
	traits := probe.Traits(body)
	refusal := t.wrong.beside(t.right)
	granted, refused := share(t.right.beside(t.wrong), traits), share(refusal, traits)
	if granted > 0 || refused > 0 || len(refusal) == 0 {
		return granted > refused
	}
	return t.alike(traits)
}

// alike reports whether an answer that says nothing of a refusal is of the kind
// that right passwords get, though it has nothing either that only those say: they
// may say less than refusals do, or nothing else that stays but a token in pieces.
func (t *told) alike(traits map[string]bool) bool {
	if len(traits) == 0 {
		return len(t.right.ever) == 0
	}
	if brake := t.brake.beside(t.right); len(brake) > 0 && share(brake, traits) == 1 {
		return false
	}
	known, frame := 0, 0
	for trait := range t.right.always {
		if traits[trait] {
			known++
		}
		if t.wrong.always[trait] { // what right and wrong ones have in common
			if frame++; !traits[trait] {
				return false
			}
		}
	}
	pieces, words := 0, 0
	for trait := range traits {
		if !t.right.ever[trait] && isWord(trait) {
			if words++; isPiece(trait) {
				pieces++
			}
		}
	}
	return 2*known > len(traits) || frame > 0 && 2*pieces >= words
}

// share is how much of some traits is among others.
func share(of, among map[string]bool) float64 {
	n := 0
	for trait := range of {
		if among[trait] {
			n++
		}
	}
	return float64(n) / float64(max(len(of), 1))
}

// isWord reports whether a trait is a word, and no pair of them.
func isWord(trait string) bool { return !strings.Contains(trait, "\x00") }

// isPiece reports whether a word looks like a part of something drawn: it has a
// digit, or a capital letter inside, or hardly any letter.
func isPiece(word string) bool {
	return len(word) < 3 || strings.IndexFunc(word[1:], unicode.IsUpper) >= 0 || strings.ContainsFunc(word, unicode.IsDigit)
}
