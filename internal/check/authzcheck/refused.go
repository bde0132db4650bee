package authzcheck

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// looksRefused reports whether an answer of 2xx says in JSON that it is an error,
// as GraphQL and some frameworks do. JSON within a page may be words of its
// program, errors beside data are of a part of it, and an object may have a code
// of its own.
func looksRefused(x probe.Exchange) bool {
	object, ok := decodeObject(x.Body)
	if !ok {
		return false
	}
	explains := len(object) <= 2
	for name := range object {
		switch strings.ToLower(name) {
		case "message", "error", "errors", "title", "detail", "details", "msg", "reason", "exception":
			explains = true
		}
	}
	for name, value := range object {
		switch strings.ToLower(name) {
		case "error", "errors", "exception":
			if count, ok := value.(json.Number); ok && (len(object) > 2 || count == "0") {
				continue
			}
			if saysSomething(value) && !saysSomething(object["data"]) {
				return true
			}
		case "success", "ok":
			if textOf(value) == "false" {
				return true
			}
		case "status", "code", "statuscode", "status_code":
			_, isNumber := value.(json.Number)
			code := textOf(value)
			if len(code) == 3 && (code[0] == '4' || code[0] == '5') && (isNumber || explains) {
				return true
			}
		}
	}
	return false
}

// saysSomething reports whether a value of JSON holds a scalar that is no empty
// text, false or zero, however deep.
func saysSomething(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for _, child := range v {
			if saysSomething(child) {
				return true
			}
		}
		return false
	case []any:
		return slices.ContainsFunc(v, saysSomething)
	}
	switch textOf(value) {
	case "", "false", "0":
		return false
	}
	return true
}
