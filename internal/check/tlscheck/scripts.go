package tlscheck

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"
)

// script notes string literals that a script hands to a function that makes
// requests. A literal elsewhere may be a namespace or a text, and is no load;
// a script that cannot be parsed, even one that breaks the parser, says nothing.
// Nor does a very long one: the syntax tree is walked as deep as it is.
func (s *scan) script(text string) {
	if len(text) > maxScript {
		return
	}
	defer func() { _ = recover() }() // what a page sends must not end the process
	ast, err := js.Parse(parse.NewInputString(text), js.Options{})
	if err != nil {
		return
	}
	js.Walk(requestFinder{s}, ast)
}

const maxScript = 1 << 20

// importMap notes what an import map leads to (HTML 8.1.5.2).
func (s *scan) importMap(text string) {
	var parsed struct {
		Imports map[string]any            `json:"imports"`
		Scopes  map[string]map[string]any `json:"scopes"`
	}
	if json.Unmarshal([]byte(text), &parsed) != nil {
		return // browsers do not heed it either
	}
	for _, addresses := range append(slices.Collect(maps.Values(parsed.Scopes)), parsed.Imports) {
		for _, address := range addresses {
			if text, ok := address.(string); ok {
				s.add(active, importMap, text)
			}
		}
	}
}

type requestFinder struct{ scan *scan }

// Enter implements js.IVisitor.
func (f requestFinder) Enter(n js.INode) js.IVisitor {
	switch n := n.(type) {
	case *js.ImportStmt:
		f.module(n.Module)
	case *js.ExportStmt:
		f.module(n.Module)
	case *js.CallExpr:
		f.call(calledName(n.X), n.Args.List)
	case *js.NewExpr:
		if n.Args != nil {
			f.call(calledName(n.X), n.Args.List)
		}
	}
	return f
}

// Exit implements js.IVisitor.
func (f requestFinder) Exit(js.INode) {}

// module notes the address of a static import: a script like any other.
func (f requestFinder) module(literal []byte) {
	if len(literal) >= 2 {
		f.scan.add(active, "import", string(literal[1:len(literal)-1]))
	}
}

func (f requestFinder) call(name string, args []js.Arg) {
	position := 0
	switch name {
	case "fetch", "WebSocket", "EventSource", "Worker", "SharedWorker", "importScripts", "sendBeacon", "import":
	case "open":
		position = 1 // XMLHttpRequest.open(method, url)
	default:
		return
	}
	if position >= len(args) {
		return
	}
	literal, ok := args[position].Value.(*js.LiteralExpr)
	if !ok || literal.TokenType != js.StringToken || len(literal.Data) < 2 {
		return
	}
	address := string(literal.Data[1 : len(literal.Data)-1])
	if u := f.scan.resolve(address); insecure(u) && strings.Contains(address, ":") {
		f.scan.note(load{class: active, kind: name, url: u.String(), scriptLiteral: true})
	}
}

// calledName is the last part of what is called: fetch, window.fetch, xhr.open.
func calledName(n js.IExpr) string {
	switch n := n.(type) {
	case *js.Var:
		return string(n.Data)
	case *js.LiteralExpr:
		if n.TokenType == js.ImportToken {
			return "import"
		}
	case *js.DotExpr:
		if name, ok := n.Y.(js.LiteralExpr); ok {
			return string(name.Data)
		}
		if name, ok := n.Y.(*js.LiteralExpr); ok {
			return string(name.Data)
		}
	}
	return ""
}
