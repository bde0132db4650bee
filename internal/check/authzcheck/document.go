package authzcheck

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const (
	// MaxDocument is the longest OpenAPI document that is read, in bytes.
	MaxDocument   = 2 << 20
	maxOperations = 300
)

// OpenAPI is a document that describes the portal's operations (OpenAPI 3.0 or
// 3.1), as JSON or YAML.
type OpenAPI struct {
	URL      string // where it is; empty = Content
	Content  []byte
	Identity string // as whom it is asked for; empty = anyone
	// Bindings say of operations, by operationId or "METHOD /path", what a Route
	// says: method and path are the operation's.
	Bindings map[string]Route
}

// document is what was read of it.
type document struct {
	doc        *openapi3.T
	prefix     string // path of the server
	operations []*operation
	problem    string   // why nothing was read
	more       bool     // there are more operations than are looked at
	lost       []string // paths that are described by a reference which leads nowhere
}

// operation is one method of one path.
type operation struct {
	method, path string // the server's path included
	id           string
	public       bool // security: [] or [{}]: its author says so
	item         *openapi3.PathItem
	op           *openapi3.Operation
	gap          bool // no row is about it
}

func (o *operation) subject(host string) string { return o.method + " " + host + o.path }

func (d *document) all() []*operation {
	if d == nil {
		return nil
	}
	return d.operations
}

// readDocument reads the document; nil if none is named.
func (t *tester) readDocument() *document {
	o := t.spec.OpenAPI
	if o == nil {
		return nil
	}
	data := o.Content
	if o.URL != "" {
		header := http.Header{"Accept": {"application/json, application/yaml;q=0.9, */*;q=0.8"}}
		if a := t.agents[o.Identity]; a != nil && !a.anonymous() && hostOf(o.URL) == t.host {
			t.open(a)
			maps.Copy(header, a.headers())
		}
		x := t.prober.Fetch(t.ctx, probe.Request{URL: o.URL, Header: header, Intent: probe.Active, FollowRedirects: true, MaxBody: MaxDocument, Retry: true})
		switch {
		case x.Truncated:
			return &document{problem: errTooLong.Error()}
		case !success(x):
			return &document{problem: "the OpenAPI document cannot be read: its address is answered " + said(x)}
		}
		data = x.Body
	}
	d, err := parseDocument(data)
	if err != nil {
		return &document{problem: err.Error()}
	}
	return d
}

var errTooLong = errors.New("the OpenAPI document is longer than 2 MiB: name the routes instead, or leave out what no client calls")

// CheckDocument says what is wrong with a document; nil if it can be read.
func CheckDocument(data []byte) error {
	_, err := parseDocument(data)
	return err
}

// parseDocument reads a document that somebody else wrote. References to other
// files or hosts are refused: they would make this machine ask there.
func parseDocument(data []byte) (d *document, err error) {
	if len(data) > MaxDocument {
		return nil, errTooLong
	}
	defer func() {
		if recover() != nil {
			d, err = nil, errors.New("the OpenAPI document cannot be read: its references lead nowhere")
		}
	}()
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = false
	loader.ReadFromURIFunc = func(*openapi3.Loader, *url.URL) ([]byte, error) { return nil, errExternal }
	doc, err := loader.LoadFromData(data)
	switch {
	case errors.Is(err, errExternal), err != nil && strings.Contains(err.Error(), "external reference"):
		return nil, errors.New("the OpenAPI document refers to another document, which is not read: bundle it into one")
	case err != nil:
		if dead := deadReference().FindStringSubmatch(err.Error()); dead != nil {
			return nil, fmt.Errorf("the OpenAPI document cannot be read: its reference %s leads nowhere, or to something of another kind", dead[1])
		}
		return nil, errors.New("the OpenAPI document cannot be read: it is neither JSON nor YAML of OpenAPI 3.0 or 3.1, or a reference in it leads nowhere")
	case !strings.HasPrefix(doc.OpenAPI, "3."):
		return nil, errors.New("the document is not OpenAPI 3.0 or 3.1")
	}
	d = &document{doc: doc, prefix: serverPath(doc.Servers)}
	if doc.Paths == nil {
		return d, nil
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		if item == nil {
			continue
		}
		operations := item.Operations()
		if item.Ref != "" && len(operations) == 0 { // a circle, or a reference to a reference
			d.lost = append(d.lost, d.prefix+path)
		}
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			if len(d.operations) == maxOperations {
				d.more = true
				return d, nil
			}
			op := operations[method]
			d.operations = append(d.operations, &operation{
				method: method, path: d.prefix + path, id: op.OperationID, item: item, op: op, public: saysPublic(doc, op),
			})
		}
	}
	return d, nil
}

// deadReference finds the reference that kin-openapi could not follow in its error.
var deadReference = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"(#/[\x21\x23-\x7e]{1,200})"`) })

var errExternal = errors.New("external reference")

// serverPath is the path of the first server, which the paths are below.
func serverPath(servers openapi3.Servers) string {
	if len(servers) == 0 || servers[0] == nil {
		return ""
	}
	path, err := servers[0].BasePath()
	if err != nil || path == "/" {
		return ""
	}
	return strings.TrimSuffix(path, "/")
}

// saysPublic reports whether the author says that no credential is needed. No
// word on security at all says nothing.
func saysPublic(doc *openapi3.T, op *openapi3.Operation) bool {
	security := op.Security
	if security == nil {
		if len(doc.Security) == 0 {
			return false
		}
		security = &doc.Security
	}
	return len(*security) == 0 || slices.ContainsFunc(*security, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
}

// find returns the operation that a binding names.
func (d *document) find(key string) *operation {
	method, path, isPath := strings.Cut(key, " ")
	for _, op := range d.operations {
		if op.id != "" && op.id == key || isPath && op.method == strings.ToUpper(method) && (shapeOfPath(op.path) == shapeOfPath(path) || shapeOfPath(op.path) == shapeOfPath(d.prefix+path)) {
			return op
		}
	}
	return nil
}

// serving is the operation that a request goes to: the one of its very path, or
// the one whose params take the words of the path; nil if there is none.
func (d *document) serving(method, path string) *operation {
	parts := strings.Split(shapeOfPath(path), "/")
	var out *operation
	least := 0
	for _, op := range d.operations {
		own := strings.Split(shapeOfPath(op.path), "/")
		if op.method != method || len(own) != len(parts) {
			continue
		}
		params, fits := 0, true
		for i := range own {
			switch own[i] {
			case parts[i]:
			case "{}":
				params++
			default:
				fits = false
			}
		}
		if fits && (out == nil || params < least) {
			out, least = op, params
		}
	}
	return out
}

// shapeOfPath is a path without the names of its params and without query.
func shapeOfPath(path string) string {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for i, s := range segments {
		if strings.Contains(s, "{") {
			segments[i] = "{}"
		}
	}
	return strings.Join(segments, "/")
}

// matrix makes the rows: of the routes, and of the operations that bindings
// name; and reports operations that are in none.
func (t *tester) matrix(d *document) {
	for _, r := range t.spec.Routes {
		t.rows = append(t.rows, t.newRow(r))
	}
	if d == nil {
		return
	}
	if d.problem != "" {
		t.unclear(ruleGap, t.host, d.problem)
		t.unclear(ruleUndeclared, t.host, d.problem)
		return
	}
	covered := map[string]bool{}
	for _, r := range t.rows {
		if op := d.serving(r.route.method(), r.route.Path); op != nil {
			covered[op.method+" "+shapeOfPath(op.path)] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(t.spec.OpenAPI.Bindings)) {
		op := d.find(key)
		if op == nil {
			t.unclear(ruleGap, "binding "+key, "the OpenAPI document has no such operation: write its operationId, or its method and path")
			continue
		}
		covered[op.method+" "+shapeOfPath(op.path)] = true
		binding := t.spec.OpenAPI.Bindings[key]
		bound := t.bound(key, op, binding)
		if binding.Owner == "" && !bound.route.writes() {
			binding.Owner = t.firstAllowed(binding.Allow)
			bound = t.bound(key, op, binding)
		}
		if binding.Owner == "" { // nobody to ask as: a statement of who may, and no more
			t.none(map[bool]string{true: ruleWrite, false: ruleOverDenied}[bound.route.writes()], op.subject(t.host), "its binding says who may, and names no owner as whom it can be tried")
			continue
		}
		t.rows = append(t.rows, bound)
	}
	for _, path := range d.lost {
		t.unclear(ruleGap, t.host+path, "the OpenAPI document describes this path by a $ref that leads round in a circle or to another $ref: which operations it has is not known")
	}
	gaps := 0
	for _, op := range d.operations {
		switch {
		case op.method == http.MethodOptions || op.method == http.MethodHead || op.method == http.MethodTrace:
		case op.public, covered[op.method+" "+shapeOfPath(op.path)], op.method == http.MethodGet && t.isPublic(op.path):
		default:
			op.gap = true
			gaps++
			t.fail(ruleGap, op.subject(t.host), "the OpenAPI document has it, and no route, binding or public path is about it")
		}
	}
	switch {
	case d.more:
		t.unclear(ruleGap, t.host, fmt.Sprintf("the OpenAPI document has more than %d operations, of which the first are looked at", maxOperations))
	case gaps == 0 && len(d.lost) == 0:
		t.pass(ruleGap, t.host, fmt.Sprintf("all %d operations of the OpenAPI document are in a row", len(d.operations)))
	}
}

// firstAllowed is the first identity that a list names; empty if there is none.
func (t *tester) firstAllowed(allow []string) string {
	for _, entry := range allow {
		for _, a := range sorted(t.agents) {
			if !a.anonymous() && names([]string{entry}, a) {
				return a.name
			}
		}
	}
	return ""
}
