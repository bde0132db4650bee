package deploycheck

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// downWords are states of a dependency that is not there.
var downWords = []string{
	"down", "fail", "failed", "failing", "error", "unhealthy", "unavailable", "critical", "disconnected", "out_of_service", "not_ready", "not ready", "unreachable", "offline",
}

// saysDown is an answer in plain text that says so, such as ASP.NET's.
var saysDown = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\s*(?:unhealthy|down|not ready|not ok|unavailable|fail(?:ed|ing)?|error)\b[^<]{0,200}$`)
})

// dependencies are what fields are named after that portals depend on.
var dependencies = []string{
	"database", "db", "cache", "redis", "queue", "mail", "smtp", "storage", "broker",
	"postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "rabbitmq", "kafka", "elasticsearch", "search", "s3", "memcached",
}

// stateNames are fields of an answer that say how something is.
var stateNames = append([]string{"status", "state", "health"}, dependencies...)

// checkLists are fields whose own fields are dependencies, by their names.
var checkLists = []string{"checks", "check", "components", "services", "dependencies", "results", "entries", "subsystems", "details", "error", "health"}

// wellNames are fields that say with false that something is not well: at the top,
// and of a dependency.
var wellNames = map[bool][]string{
	false: {"ok", "healthy", "ready", "alive"},
	true:  {"ok", "healthy", "ready", "alive", "up", "connected", "reachable", "available"},
}

// noError is what stands where there is no error.
var noError = []string{"none", "null", "no", "ok", "false", "-"}

// failing are the names under which an answer says that something is down.
func failing(object map[string]any) []string {
	out := failingIn(object, "", false, 0)
	slices.Sort(out)
	return slices.Compact(out)
}

// failingIn looks below one field. within is set below a list of dependencies; what
// stands elsewhere, such as the level of a log, is no state.
func failingIn(object map[string]any, parent string, within bool, depth int) []string {
	var out []string
	listed := slices.Contains(checkLists, strings.ToLower(parent))
	for name, value := range object {
		lower := strings.ToLower(name)
		state := slices.Contains(stateNames, lower) || listed || lower == "result" && (within || depth == 0)
		switch v := value.(type) {
		case string:
			word, _, _ := strings.Cut(strings.ToLower(v), ":") // unavailable: no route to host
			if state && slices.Contains(downWords, strings.TrimSpace(word)) || within && lower == "error" && strings.TrimSpace(v) != "" && !slices.Contains(noError, strings.ToLower(v)) {
				out = append(out, name)
			}
		case bool:
			if !v && (slices.Contains(wellNames[within], lower) || slices.Contains(stateNames, lower)) {
				out = append(out, name)
			}
		case map[string]any:
			out = append(out, below(v, name, within || listed, depth)...)
		case []any: // health+json: several measurements of one dependency
			for _, one := range v {
				if inner, ok := one.(map[string]any); ok {
					called, _ := inner["name"].(string)
					if called == "" || len(called) > 40 {
						called = name
					}
					out = append(out, below(inner, called, within || listed || slices.Contains(checkLists, lower), depth)...)
				}
			}
		}
	}
	return out
}

// below is failingIn for a field, whose name stands for its own state.
func below(object map[string]any, name string, within bool, depth int) []string {
	if depth >= 5 {
		return nil
	}
	lower := strings.ToLower(name)
	out := failingIn(object, name, within || slices.Contains(checkLists, lower) || slices.Contains(dependencies, lower), depth+1)
	for i, inner := range out {
		if inner == "status" || inner == "state" || inner == "error" || slices.Contains(wellNames[true], strings.ToLower(inner)) {
			out[i] = name
		}
	}
	return out
}
