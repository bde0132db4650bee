// Package expr reads and evaluates expressions of Cloudflare's rules language
// (https://developers.cloudflare.com/ruleset-engine/rules-language/). Whatever
// it does not know is an error when the expression is read: a rule that cannot
// be understood must never match, and never pass, in silence.
package expr

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
)

// MaxLength is how many bytes an expression may have.
const MaxLength = 4096

// Values are the fields of one request by name: string, int64, bool,
// netip.Addr, []string, or map[string][]string as the field's type says. A
// field that is not in it is missing: only ne is true of it.
type Values map[string]any

// SyntaxError says where an expression cannot be understood, and why.
type SyntaxError struct {
	Offset  int // bytes from the start of the expression
	Message string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("at byte %d: %s", e.Offset, e.Message) }

// Expression is an expression that was read. It is safe for concurrent use.
type Expression struct {
	root      node
	fields    map[string]bool
	functions map[string]bool
	regex     bool
}

// Parse reads the expression of a rule: one that is true or false.
func Parse(text string) (*Expression, error) { return parse(text, Bool) }

// ParseValue reads an expression whose result is a string, such as the target
// of a redirect or the value of a header.
func ParseValue(text string) (*Expression, error) { return parse(text, String) }

// Match evaluates a rule's expression. It fails where a value is not of its
// field's type, or where Parse did not make the expression.
func (e *Expression) Match(values Values) (bool, error) {
	out, err := e.evaluate(values, Bool)
	b, _ := out.(bool) // what is missing does not match
	return b, err
}

// Text evaluates an expression of ParseValue; what is missing is "".
func (e *Expression) Text(values Values) (string, error) {
	out, err := e.evaluate(values, String)
	s, _ := out.(string)
	return s, err
}

func (e *Expression) evaluate(values Values, want Type) (any, error) {
	if e.root.typ != want {
		return nil, fmt.Errorf("the expression is of type %s, not %s", e.root.typ, want)
	}
	for name := range e.fields {
		if v, ok := values[name]; ok && !fields[name].holds(v) {
			return nil, fmt.Errorf("field %s is %s, not %T", name, fields[name], v)
		}
	}
	return e.root.eval(values), nil
}

// Fields returns the names of the fields that the expression uses, sorted.
func (e *Expression) Fields() []string { return slices.Sorted(maps.Keys(e.fields)) }

// Functions returns the names of the functions that it uses, sorted.
func (e *Expression) Functions() []string { return slices.Sorted(maps.Keys(e.functions)) }

// UsesRegex reports whether it has the operator matches or regex_replace,
// which the lower plans do not have.
func (e *Expression) UsesRegex() bool { return e.regex }

// Known reports whether there is a field of a name.
func Known(field string) bool { _, ok := fields[field]; return ok }

// Type is what a field, a function or an expression gives.
type Type int

// The types. Maps hold lists of strings: a header or an argument can be given
// more than once.
const (
	String Type = iota + 1
	Int
	Bool
	IP
	Strings
	Ints
	Bools
	Map
)

func (t Type) String() string {
	return map[Type]string{String: "string", Int: "integer", Bool: "boolean", IP: "IP address",
		Strings: "array of strings", Ints: "array of integers", Bools: "array of booleans", Map: "map of arrays of strings"}[t]
}

// element is what a list's members are; 0 where it is no list.
func (t Type) element() Type {
	return map[Type]Type{Strings: String, Ints: Int, Bools: Bool}[t]
}

// list is the list of a type; 0 where there is none.
func (t Type) list() Type {
	return map[Type]Type{String: Strings, Int: Ints, Bool: Bools}[t]
}

// holds reports whether a caller's value is of the type.
func (t Type) holds(value any) bool {
	ok := false
	switch t {
	case String:
		_, ok = value.(string)
	case Int:
		_, ok = value.(int64)
	case Bool:
		_, ok = value.(bool)
	case IP:
		_, ok = value.(netip.Addr)
	case Strings:
		_, ok = value.([]string)
	case Map:
		_, ok = value.(map[string][]string)
	}
	return ok
}

// node is a part of an expression with the way to evaluate it. The value nil is
// a missing one; lists are []any.
type node struct {
	typ     Type
	each    bool // typ is of the members that [*] took out of a list
	literal bool
	offset  int
	eval    func(Values) any
}

func list[T any](in []T) any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}
