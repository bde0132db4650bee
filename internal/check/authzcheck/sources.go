package authzcheck

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// sources are requests that name the owner's id in another place than the one
// that is checked, with an id that is the attacker's own, or nobody's, in that
// place: in the query beside the path, as an array, and repeated.
func (r *row) sources(own map[string]string) []trick {
	if len(r.params) == 0 {
		return nil
	}
	if own == nil {
		own = absent(r.params)
	}
	victim, mine := r.request(nil), r.request(own)
	name := slices.Sorted(maps.Keys(r.params))[0]
	id, other := r.params[name], own[name]
	path, query, _ := strings.Cut(r.route.Path, "?")
	inPath := strings.Contains(path, "{"+name+"}")
	var out []trick
	add := func(label string, s shot, pairs ...string) {
		for i := 0; i+1 < len(pairs); i += 2 {
			glue := "?"
			if strings.Contains(s.target, "?") {
				glue = "&"
			}
			s.target += glue + url.QueryEscape(pairs[i]) + "=" + url.QueryEscape(pairs[i+1])
		}
		out = append(out, trick{name: label, shot: s})
	}
	switch {
	case inPath:
		add("the owner's id in the query, another in the path", mine, name, id)
		add("the owner's id in the path, another in the query", victim, name, other)
		add("the owner's id as an array in the query, another in the path", mine, name+"[]", id)
		if len(mine.body) == 0 {
			out = append(out, trick{name: "the owner's id in the body, another in the path", shot: withIDs(mine, id, name)})
		}
	case query != "" || len(r.route.Query) > 0:
		add("the id twice, the owner's last", mine, r.key(name), id)
		add("the id twice, the owner's first", victim, r.key(name), other)
		bare := mine
		bare.target = strings.Replace(mine.target, r.key(name)+"="+url.QueryEscape(other), url.QueryEscape(r.key(name)+"[]")+"="+url.QueryEscape(id), 1)
		add("the owner's id as an array", bare)
	default:
		out = append(out, inBody(victim, mine, name, id, other)...)
	}
	return out
}

// key is the name under which the query asks for a param.
func (r *row) key(param string) string {
	_, query, _ := strings.Cut(r.route.Path, "?")
	for part := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(part, "="); strings.Trim(value, "{}") == param {
			return key
		}
	}
	for key, value := range r.route.Query {
		if strings.Trim(value, "{}") == param {
			return key
		}
	}
	return param
}

// inBody puts the owner's id beside another into a body of JSON: a key twice
// (RFC 8259 section 4 leaves open which counts), an array, and the query.
func inBody(victim, mine shot, name, id, other string) []trick {
	quoted := func(v string) []byte { b, _ := json.Marshal(v); return b }
	owners, another := quoted(id), quoted(other)
	if !bytes.Contains(victim.body, owners) {
		owners, another = []byte(id), []byte(other)
	}
	at := bytes.Index(victim.body, owners)
	if at < 0 {
		return nil
	}
	before := victim.body[:at]
	key := name
	if i := bytes.LastIndexByte(before, ':'); i > 0 {
		key = strings.Trim(string(before[bytes.LastIndexAny(before[:i], "{,")+1:i]), " \t\n\"")
	}
	twice := func(first, last []byte) []byte {
		return bytes.Replace(victim.body, owners, slices.Concat(first, []byte(`,"`+key+`":`), last), 1)
	}
	with := func(s shot, body []byte) shot { s.body = body; return s }
	inQuery := mine
	inQuery.target += map[bool]string{true: "&", false: "?"}[strings.Contains(mine.target, "?")] + url.QueryEscape(key) + "=" + url.QueryEscape(id)
	return []trick{
		{name: "the id twice in the body, the owner's last", shot: with(victim, twice(another, owners))},
		{name: "the id twice in the body, the owner's first", shot: with(victim, twice(owners, another))},
		{name: "the owner's id as an array in the body", shot: with(victim, bytes.Replace(victim.body, owners, slices.Concat([]byte("["), owners, []byte("]")), 1))},
		{name: "the owner's id in the query, another in the body", shot: inQuery},
	}
}

// ownParams are params of a row that are an agent's own: as the row says, or as
// those of the agent's own row of the same route.
func (t *tester) ownParams(r *row, a *agent) map[string]string {
	if own := r.route.Own[a.name]; own != nil {
		return own
	}
	for _, other := range t.rows {
		if other != r && other.owner == a && other.route.template() == r.route.template() && other.route.method() == r.route.method() {
			return other.params
		}
	}
	return nil
}

// impersonations are requests of a row without params that name its owner in the query.
func (r *row) impersonations(id string) []trick {
	if id == "" || len(r.params) > 0 || r.kind != List || r.route.method() != "GET" {
		return nil
	}
	var out []trick
	names := []string{"id", "user_id", "member_id"}
	for _, names := range [][]string{names, {"user", "userId", "owner_id"}} {
		s := r.request(nil)
		for _, name := range names {
			s.target += map[bool]string{true: "&", false: "?"}[strings.Contains(s.target, "?")] + name + "=" + url.QueryEscape(id)
		}
		out = append(out, trick{name: "the owner's id in the query", shot: s})
	}
	return append(out, trick{name: "the owner's id in the body", shot: withIDs(r.request(nil), id, names...)})
}

// withIDs is a request with a body that it should have none of.
func withIDs(s shot, id string, names ...string) shot {
	fields := map[string]string{}
	for _, name := range names {
		fields[name] = id
	}
	s = s.with("Content-Type", "application/json")
	s.body, _ = json.Marshal(fields) // texts marshal
	return s
}
