// Package authzcheck is the check authorization: whether members are given, and
// can change, only what is theirs. Each route is asked for as its owner first,
// who must get it; then as everybody who must not. A violation needs evidence:
// what is the owner's in somebody else's answer, or a change that the owner sees.
package authzcheck

import (
	"embed"
	"net/http"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

//go:embed doc.md
var doc string

//go:embed rules/*.md
var pages embed.FS

// Definition is the check.
var Definition = check.Definition[Spec]{
	Info: check.Info{
		Name:  "authorization",
		Area:  readiness.Authorization,
		Doc:   doc,
		Rules: rules(),
		Pages: pages,
	},
	Target: func(s Spec) string { return hostOf(s.BaseURL) },
	Run:    run,
}

const (
	// Anonymous is who has not signed in, as allow and deny call them.
	Anonymous = "anonymous"
	// MaxRoutes bounds a configuration; what is derived from a document counts.
	MaxRoutes = 200
	// maxRequests is what one run may send: a portal of 40 routes and 5
	// identities takes about a thousand.
	maxRequests = 6000
	// inFlight is how many requests are under way at once.
	inFlight = 8
)

// Spec is what a user asks for.
type Spec struct {
	BaseURL     string        // of the portal, without a path
	Actors      []probe.Actor // every configured identity, sorted by name
	Routes      []Route       // sorted by name
	OpenAPI     *OpenAPI      // nil = none
	PublicPaths []string      // paths that anyone may read; "/pricing/**" stands for those below too
	// PublicAllow are what public pages may show: texts, such as contact
	// addresses, in which * stands for any run of characters.
	PublicAllow []string
	// AllowWrites lets requests be sent that change state. Without it they are
	// not, and the rules of their routes are inconclusive.
	AllowWrites bool
}

// Kind is what a route serves.
type Kind string

const (
	Object   Kind = "object"   // one thing, named by an id
	List     Kind = "list"     // what is the caller's own
	Function Kind = "function" // something for a role
)

// Kinds are all kinds.
func Kinds() []Kind { return []Kind{Object, List, Function} }

// Route is one row of the matrix: a request, whose it is, who may make it and
// who may not. In Path, Query, Header and Body {name} stands for a value of Params.
type Route struct {
	Name   string // as the configuration calls it
	Method string // empty = GET
	Path   string // such as /api/invoices/{id}
	Params map[string]string
	Query  map[string]string
	Header http.Header
	Body   string // JSON, or what the header Content-Type says
	// ReadOnly says that a method other than GET changes nothing: a search, a
	// look-up, a query of GraphQL.
	ReadOnly bool
	Kind     Kind   // empty = told from the owner's role and the params
	Owner    string // identity
	Marker   string // text that only the owner's answer holds; empty = found
	// Allow are identities and roles who may, besides the owner.
	Allow []string
	// Deny are identities and roles who may not. Empty = every identity that is
	// not allowed; administrators only if the owner is one.
	Deny []string
	// Own are params of the same route that are another identity's own, by
	// identity: they show what that identity sees of its own.
	Own map[string]map[string]string
	// AllowFields are names of fields that may stand in its answers.
	AllowFields []string

	// Of routes that change state.
	Field          string   // of Body: what is written; empty = the only text of Body
	ReadBack       string   // path at which the owner reads Field again; empty = Path
	Create         *Create  // what makes the object that a DELETE may delete; nil = it is not tested
	MassAssignment []string // fields that the owner must not be able to set
}

// Create is the request by which the owner makes an object to be deleted.
type Create struct {
	Path string
	Body string
	ID   string // JSON pointer to its id in the answer; empty = /id
	// Param is the param of the route that takes the id; empty = id.
	Param string
}
