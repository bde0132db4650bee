package expr

import (
	"fmt"
	"strconv"
)

// maxDepth bounds the nesting of an expression, and so the stack.
const maxDepth = 100

type parser struct {
	tokens []token
	at     int
	depth  int
	out    *Expression
}

func parse(text string, want Type) (*Expression, error) {
	if len(text) > MaxLength {
		return nil, &SyntaxError{MaxLength, fmt.Sprintf("the expression is longer than %d bytes", MaxLength)}
	}
	all, err := tokens(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: all, out: &Expression{fields: map[string]bool{}, functions: map[string]bool{}}}
	if p.peek().kind == end {
		return nil, &SyntaxError{0, "the expression is empty"}
	}
	if want == String {
		p.out.root, err = p.argument()
	} else {
		p.out.root, err = p.or()
	}
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != end {
		return nil, unexpected(t, "an operator or the end")
	}
	if root := p.out.root; root.typ != want || root.each {
		return nil, &SyntaxError{root.offset, fmt.Sprintf("the expression gives %s, where %s is needed", root.shown(), want)}
	}
	return p.out, nil
}

func (n node) shown() string {
	if n.each {
		return "each " + n.typ.String() + " of an array (use any or all)"
	}
	return n.typ.String()
}

func unexpected(t token, want string) error {
	return &SyntaxError{t.offset, fmt.Sprintf("expected %s, found %s", want, t.shown())}
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

func (p *parser) accept(texts ...string) bool {
	if p.peek().is(texts...) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(text string) error {
	if !p.accept(text) {
		return unexpected(p.peek(), "`"+text+"`")
	}
	return nil
}

// deeper counts one level of nesting; the returned function takes it back.
func (p *parser) deeper() (func(), error) {
	p.depth++
	if p.depth > maxDepth {
		return nil, &SyntaxError{p.peek().offset, "the expression is nested too deeply"}
	}
	return func() { p.depth-- }, nil
}

// or, xor and and are the logical operators, the loosest first.
func (p *parser) or() (node, error) {
	return p.logical(p.xor, func(a, b bool) bool { return a || b }, "or", "||")
}

func (p *parser) xor() (node, error) {
	return p.logical(p.and, func(a, b bool) bool { return a != b }, "xor", "^^")
}

func (p *parser) and() (node, error) {
	return p.logical(p.unary, func(a, b bool) bool { return a && b }, "and", "&&")
}

func (p *parser) logical(operand func() (node, error), f func(a, b bool) bool, names ...string) (node, error) {
	left, err := operand()
	for err == nil && p.peek().is(names...) {
		op := p.take()
		var right node
		if right, err = operand(); err == nil {
			left, err = combine(left, right, op, f)
		}
	}
	return left, err
}

// combine joins two booleans, or two lists of them member by member up to the
// end of the shorter.
func combine(left, right node, op token, f func(a, b bool) bool) (node, error) {
	if left.typ != right.typ || left.each || right.each || left.typ != Bool && left.typ != Bools {
		return node{}, &SyntaxError{op.offset, fmt.Sprintf("%s joins booleans, not %s and %s", op.shown(), left.shown(), right.shown())}
	}
	out := node{typ: left.typ, offset: left.offset}
	if left.typ == Bool {
		out.eval = func(v Values) any { return f(truth(left.eval(v)), truth(right.eval(v))) }
		return out, nil
	}
	out.eval = func(v Values) any {
		a, _ := left.eval(v).([]any)
		b, _ := right.eval(v).([]any)
		joined := make([]any, min(len(a), len(b)))
		for i := range joined {
			joined[i] = f(truth(a[i]), truth(b[i]))
		}
		return joined
	}
	return out, nil
}

func truth(v any) bool { b, _ := v.(bool); return b }

func (p *parser) unary() (node, error) {
	leave, err := p.deeper()
	if err != nil {
		return node{}, err
	}
	defer leave()
	start := p.peek()
	switch {
	case p.accept("not", "!"):
		in, err := p.unary()
		if err != nil {
			return in, err
		}
		if in.each || in.typ != Bool && in.typ != Bools {
			return in, &SyntaxError{in.offset, fmt.Sprintf("not needs a boolean, not %s", in.shown())}
		}
		return node{typ: in.typ, offset: start.offset, eval: func(v Values) any {
			if in.typ == Bool {
				return !truth(in.eval(v))
			}
			members, _ := in.eval(v).([]any)
			out := make([]any, len(members))
			for i, m := range members {
				out[i] = !truth(m)
			}
			return out
		}}, nil
	case p.accept("("):
		in, err := p.or()
		if err == nil {
			err = p.expect(")")
		}
		return in, err
	}
	return p.comparison()
}

// operand is a field or a function's result, with what is taken out of it.
func (p *parser) operand() (node, error) {
	t := p.peek()
	if t.kind != word {
		return node{}, unexpected(t, "a field or a function")
	}
	p.at++
	var out node
	var err error
	switch {
	case t.text == "true" || t.text == "false":
		return node{typ: Bool, literal: true, offset: t.offset, eval: func(Values) any { return t.text == "true" }}, nil
	case p.peek().is("("):
		out, err = p.call(t)
	default:
		out, err = p.field(t)
	}
	if err != nil {
		return out, err
	}
	for p.peek().is("[") {
		if out, err = p.subscript(out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (p *parser) field(t token) (node, error) {
	typ, ok := fields[t.text]
	if !ok {
		return node{}, &SyntaxError{t.offset, "unknown field " + t.shown()}
	}
	p.out.fields[t.text] = true
	return node{typ: typ, offset: t.offset, eval: func(v Values) any {
		if in, ok := v[t.text].([]string); ok {
			return list(in)
		}
		return v[t.text]
	}}, nil
}

// subscript is [n] or [*] of a list, or ["name"] of a map.
func (p *parser) subscript(of node) (node, error) {
	open := p.take()
	t := p.take()
	if err := p.expect("]"); err != nil {
		return node{}, err
	}
	out := node{offset: of.offset, each: of.each}
	switch element := of.typ.element(); {
	case of.each:
		return node{}, &SyntaxError{open.offset, "nothing can be taken out of " + of.shown()}
	case of.typ == Map && t.kind == quoted:
		out.typ = Strings
		out.eval = func(v Values) any {
			m, _ := of.eval(v).(map[string][]string)
			if members, ok := m[t.text]; ok {
				return list(members)
			}
			return nil
		}
	case element != 0 && t.is("*"):
		out.typ, out.each, out.eval = element, true, of.eval
	case element != 0 && t.kind == bare:
		n, err := strconv.ParseUint(t.text, 10, 31)
		if err != nil {
			return node{}, &SyntaxError{t.offset, t.shown() + " is not an index"}
		}
		out.typ = element
		out.eval = func(v Values) any {
			if members, _ := of.eval(v).([]any); n < uint64(len(members)) {
				return members[n]
			}
			return nil
		}
	default:
		return node{}, &SyntaxError{t.offset, fmt.Sprintf("%s cannot be taken out of %s", t.shown(), of.shown())}
	}
	return out, nil
}

// argument is what a function takes: a literal, or any expression.
func (p *parser) argument() (node, error) {
	t := p.peek()
	switch t.kind {
	case quoted:
		p.at++
		return node{typ: String, literal: true, offset: t.offset, eval: func(Values) any { return t.text }}, nil
	case bare:
		p.at++
		n, err := strconv.ParseInt(t.text, 10, 64)
		if err != nil {
			return node{}, &SyntaxError{t.offset, t.shown() + " is not an integer"}
		}
		return node{typ: Int, literal: true, offset: t.offset, eval: func(Values) any { return n }}, nil
	}
	return p.or()
}
