package expr

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

var orderings = map[string]func(order int) bool{
	"eq": func(o int) bool { return o == 0 }, "==": func(o int) bool { return o == 0 },
	"ne": func(o int) bool { return o != 0 }, "!=": func(o int) bool { return o != 0 },
	"lt": func(o int) bool { return o < 0 }, "<": func(o int) bool { return o < 0 },
	"le": func(o int) bool { return o <= 0 }, "<=": func(o int) bool { return o <= 0 },
	"gt": func(o int) bool { return o > 0 }, ">": func(o int) bool { return o > 0 },
	"ge": func(o int) bool { return o >= 0 }, ">=": func(o int) bool { return o >= 0 },
}

// comparison is an operand alone, where it is a boolean or an argument, or
// compared to literals: Cloudflare compares no field to another.
func (p *parser) comparison() (node, error) {
	left, err := p.operand()
	if err != nil {
		return left, err
	}
	op := p.peek()
	name := op.text
	if op.kind != word && op.kind != symbol {
		return left, nil
	}
	var test func(any) bool
	switch {
	case orderings[name] != nil:
		p.at++
		test, err = p.ordering(left, op)
	case op.is("in"):
		p.at++
		test, err = p.in(left, op)
	case op.is("contains"):
		p.at++
		test, err = p.string(left, op, func(want string) (func(string) bool, error) {
			return func(s string) bool { return strings.Contains(s, want) }, nil
		})
	case op.is("matches", "~"):
		p.at++
		p.out.regex = true
		test, err = p.string(left, op, func(want string) (func(string) bool, error) {
			re, err := regexp.Compile(want)
			if err != nil {
				return nil, err
			}
			return re.MatchString, nil
		})
	case op.is("wildcard"):
		p.at++
		test, err = p.string(left, op, wildcardTest(false))
	case op.is("strict"):
		p.at++
		if err := p.expect("wildcard"); err != nil {
			return left, err
		}
		test, err = p.string(left, op, wildcardTest(true))
	default:
		return left, nil
	}
	if err != nil {
		return left, err
	}
	unequal := op.is("ne", "!=")
	one := func(v any) bool {
		if v == nil {
			return unequal
		}
		return test(v)
	}
	if !left.each {
		return node{typ: Bool, offset: left.offset, eval: func(v Values) any { return one(left.eval(v)) }}, nil
	}
	return node{typ: Bools, offset: left.offset, eval: func(v Values) any {
		members, _ := left.eval(v).([]any)
		out := make([]any, len(members))
		for i, m := range members {
			out[i] = one(m)
		}
		return out
	}}, nil
}

func mismatch(t token, left node) error {
	return &SyntaxError{t.offset, fmt.Sprintf("%s cannot be compared to %s", left.typ, t.shown())}
}

// ordering compares to one literal of the operand's type.
func (p *parser) ordering(left node, op token) (func(any) bool, error) {
	holds := orderings[op.text]
	t := p.take()
	switch {
	case left.typ == String && t.kind == quoted:
		return func(v any) bool { return holds(strings.Compare(v.(string), t.text)) }, nil
	case left.typ == Int && t.kind == bare:
		n, err := integer(t)
		return func(v any) bool { return holds(compareInts(v.(int64), n)) }, err
	case left.typ == IP && t.kind == bare:
		want, err := netip.ParseAddr(t.text)
		if err != nil {
			return nil, &SyntaxError{t.offset, t.shown() + " is not an IP address"}
		}
		return func(v any) bool { return holds(v.(netip.Addr).Compare(want)) }, nil
	}
	return nil, mismatch(t, left)
}

// string compares a string by an operator that strings alone have.
func (p *parser) string(left node, op token, compile func(string) (func(string) bool, error)) (func(any) bool, error) {
	t := p.take()
	if left.typ != String {
		return nil, &SyntaxError{op.offset, fmt.Sprintf("%s is for strings, not %s", op.shown(), left.shown())}
	}
	if t.kind != quoted {
		return nil, unexpected(t, "a string")
	}
	test, err := compile(t.text)
	if err != nil {
		return nil, &SyntaxError{t.offset, err.Error()}
	}
	return func(v any) bool { return test(v.(string)) }, nil
}

// in compares to a set in braces: strings, integers, addresses, and ranges.
func (p *parser) in(left node, op token) (func(any) bool, error) {
	if left.typ != String && left.typ != Int && left.typ != IP {
		return nil, &SyntaxError{op.offset, "in is not for " + left.shown()}
	}
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	var tests []func(any) bool
	for !p.accept("}") {
		t := p.take()
		test, err := member(left, t)
		if err != nil {
			return nil, err
		}
		tests = append(tests, test)
	}
	if len(tests) == 0 {
		return nil, &SyntaxError{op.offset, "the set is empty"}
	}
	return func(v any) bool {
		for _, test := range tests {
			if test(v) {
				return true
			}
		}
		return false
	}, nil
}

func member(left node, t token) (func(any) bool, error) {
	first, last, ranged := strings.Cut(t.text, "..")
	low, high := token{bare, first, t.offset}, token{bare, last, t.offset + len(first) + 2}
	if !ranged {
		high = low
	}
	switch {
	case left.typ == String && t.kind == quoted:
		return func(v any) bool { return v.(string) == t.text }, nil
	case left.typ == Int && t.kind == bare:
		a, err := integer(low)
		if err != nil {
			return nil, err
		}
		b, err := integer(high)
		if err == nil && a > b {
			err = backwards(t)
		}
		return func(v any) bool { return v.(int64) >= a && v.(int64) <= b }, err
	case left.typ == IP && t.kind == bare && strings.Contains(t.text, "/"):
		prefix, err := netip.ParsePrefix(t.text)
		if err != nil {
			return nil, &SyntaxError{t.offset, t.shown() + " is not a CIDR range"}
		}
		return func(v any) bool { return prefix.Contains(v.(netip.Addr)) }, nil
	case left.typ == IP && t.kind == bare:
		a, err := netip.ParseAddr(low.text)
		b, err2 := netip.ParseAddr(high.text)
		if err != nil || err2 != nil || a.BitLen() != b.BitLen() {
			return nil, &SyntaxError{t.offset, t.shown() + " is neither an IP address nor a range of them"}
		}
		if b.Less(a) {
			return nil, backwards(t)
		}
		return func(v any) bool {
			ip := v.(netip.Addr)
			return ip.BitLen() == a.BitLen() && !ip.Less(a) && !b.Less(ip)
		}, nil
	case t.kind == end:
		return nil, unexpected(t, "`}`")
	}
	return nil, mismatch(t, left)
}

func backwards(t token) error {
	return &SyntaxError{t.offset, "the range " + t.shown() + " ends before it begins"}
}

func integer(t token) (int64, error) {
	digits, base := t.text, 10
	if hex, ok := strings.CutPrefix(digits, "0x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseInt(digits, base, 64)
	if err != nil {
		return 0, &SyntaxError{t.offset, t.shown() + " is not an integer"}
	}
	return n, nil
}

func compareInts(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
