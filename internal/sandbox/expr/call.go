package expr

import (
	"fmt"
	"slices"
)

// function is one function of the language.
type function struct {
	params   []set // of the arguments; the last stands for all further ones where there may be any number
	optional int   // how many of them may be left out at the end
	any      bool  // any number of further arguments
	result   Type
	missing  bool // is called with missing arguments too; otherwise its result is then missing
	// build returns the function's work, after a look at literal arguments.
	build func(args []node) (func(args []any) any, error)
}

// set is the types that an argument may have; empty for every one.
type set []Type

// plain is the work of a function that looks at no argument beforehand.
func plain(f func(args []any) any) func([]node) (func([]any) any, error) {
	return func([]node) (func([]any) any, error) { return f, nil }
}

// call reads the arguments of a function. Where the first one is each member of
// a list, the function is applied to each, and the result is a list.
func (p *parser) call(name token) (node, error) {
	f, ok := functions[name.text]
	if !ok {
		return node{}, &SyntaxError{name.offset, "unknown function " + name.shown()}
	}
	p.out.functions[name.text] = true
	p.out.regex = p.out.regex || name.text == "regex_replace"
	args, err := p.arguments()
	if err != nil {
		return node{}, err
	}
	if len(args) < len(f.params)-f.optional || len(args) > len(f.params) && !f.any {
		return node{}, &SyntaxError{name.offset, fmt.Sprintf("%s takes %s, not %d", name.shown(), f.arity(), len(args))}
	}
	for i, a := range args {
		want := f.params[min(i, len(f.params)-1)]
		if a.each && i > 0 || len(want) > 0 && !slices.Contains(want, a.typ) {
			return node{}, &SyntaxError{a.offset, fmt.Sprintf("argument %d of %s cannot be %s", i+1, name.shown(), a.shown())}
		}
	}
	work, err := f.build(args)
	if err != nil {
		return node{}, &SyntaxError{name.offset, fmt.Sprintf("%s: %s", name.shown(), err)}
	}
	out := node{typ: f.result, offset: name.offset, eval: func(v Values) any { return f.apply(work, args, v) }}
	if len(args) > 0 && args[0].each {
		if out.typ = f.result.list(); out.typ == 0 {
			return node{}, &SyntaxError{args[0].offset, name.shown() + " cannot be applied to each of an array"}
		}
		out.eval = func(v Values) any {
			members, _ := args[0].eval(v).([]any)
			var results []any
			rest := slices.Clone(args)
			for _, m := range members {
				rest[0].eval = func(Values) any { return m }
				if r := f.apply(work, rest, v); r != nil {
					results = append(results, r)
				}
			}
			return results
		}
	}
	return out, nil
}

func (f function) arity() string {
	switch {
	case f.any:
		return fmt.Sprintf("at least %d arguments", len(f.params)-f.optional)
	case f.optional > 0:
		return fmt.Sprintf("%d to %d arguments", len(f.params)-f.optional, len(f.params))
	}
	return fmt.Sprintf("%d arguments", len(f.params))
}

func (f function) apply(work func([]any) any, args []node, v Values) any {
	values := make([]any, len(args))
	for i, a := range args {
		if values[i] = a.eval(v); values[i] == nil && !f.missing {
			return nil
		}
	}
	return work(values)
}

func (p *parser) arguments() ([]node, error) {
	leave, err := p.deeper()
	if err != nil {
		return nil, err
	}
	defer leave()
	p.take() // the opening parenthesis
	var out []node
	if p.accept(")") {
		return nil, nil
	}
	for {
		a, err := p.argument()
		if err != nil {
			return nil, err
		}
		out = append(out, a)
		if p.accept(")") {
			return out, nil
		}
		if !p.accept(",") {
			return nil, unexpected(p.peek(), "`,` or `)`")
		}
	}
}
