package ratecheck

import (
	"maps"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// told tells answers to right passwords from those to wrong ones where both have
// one status and lead to one place. What varies from answer to answer, such as a
// time, a tip or a number of visitors, tells nothing: what counts is what one kind
// always says, and the other has never said.
type told struct{ right, wrong sayings }

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
	share := func(of map[string]bool) float64 {
		n := 0
		for trait := range of {
			if traits[trait] {
				n++
			}
		}
		return float64(n) / float64(max(len(of), 1))
	}
	right, wrong := t.right.beside(t.wrong), t.wrong.beside(t.right)
	if len(right) == 0 { // a right password is known by what is not said
		known := 0
		for trait := range traits {
			if t.right.ever[trait] {
				known++
			}
		}
		same := 2*known > len(traits) || len(traits) == 0 && len(t.right.ever) == 0
		return len(wrong) > 0 && share(wrong) == 0 && same
	}
	return share(right) > share(wrong)
}
