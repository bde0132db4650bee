package provider_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check/authzcheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

func init() {
	applicationChecks = append(applicationChecks, applicationCheck{
		prefixes: []string{"authz."},
		run:      func(t *testing.T, s target) []readiness.Result { return []readiness.Result{authorizationResult(t, s)} },
	})
}

// authorizationSpec is the matrix of the sandbox's portal as its owner would
// write it: some routes with markers, others without.
func authorizationSpec(s target) authzcheck.Spec {
	base := "https://portal." + s.Domain()
	site := probe.Portal{
		BaseURL: base, WhoAmI: "/api/me",
		SignIn: probe.SignInRequest{
			Path: "/api/login", TokenPointer: "/token",
			SecondFactor: probe.SecondFactor{Path: "/api/login/totp", Fields: map[string]string{"ticket": "{{answer:/ticket}}", "code": "{{totp}}"}},
		},
	}
	spec := authzcheck.Spec{
		BaseURL: base, AllowWrites: true,
		PublicPaths: []string{"/", "/welcome", "/pricing", "/login", "/community"},
	}
	people := s.Identities()
	for _, name := range []string{"admin", "disposable", "member_a", "member_b", "member_c", "robot"} {
		one := people[name]
		spec.Actors = append(spec.Actors, probe.Actor{
			Name: name, Role: one.Role, Organization: one.Organization, Portal: site, Sessions: s.sessions(),
			Identity: probe.Identity{Username: one.Username, Password: one.Password, TOTPSecret: one.TOTPSecret, BearerToken: one.BearerToken},
		})
	}
	id := func(value string) map[string]string { return map[string]string{"id": value} }
	admins, north, a := []string{"admin"}, []string{"member_c", "admin"}, portal.Marker("member_a")
	for name, r := range map[string]authzcheck.Route{
		"message":       {Path: "/api/messages/{id}", Params: id(portal.MessageOf("member_a")), Owner: "member_a", Marker: a, Deny: []string{"member", "api", "admin"}},
		"messages":      {Path: "/api/messages", Owner: "member_a", Marker: a},
		"invoice":       {Path: "/api/invoices/{id}", Params: id("5001"), Owner: "member_a", Allow: admins},
		"invoice_b":     {Path: "/api/invoices/{id}", Params: id("5002"), Owner: "member_b", Allow: admins},
		"invoice_query": {Path: "/api/invoice?id=5001", Owner: "member_a", Allow: admins, Own: map[string]map[string]string{"member_b": id("5002")}},
		"invoice_body":  {Method: "POST", ReadOnly: true, Path: "/api/invoices/lookup", Body: `{"id":"{id}"}`, Params: id("5001"), Owner: "member_a", Marker: a, Allow: admins},
		"invoices":      {Path: "/api/invoices", Owner: "member_a"},
		"post":          {Path: "/api/posts/101", Owner: "member_a", Allow: north},
		"posts":         {Path: "/api/posts", Owner: "member_a", Marker: "north-only", Allow: north},
		"member":        {Path: "/api/members/{id}", Params: id("usr_7k2m"), Owner: "member_a", Marker: a, Allow: admins},
		"profile":       {Path: "/api/profile", Owner: "member_a"},
		"me":            {Path: "/api/me", Owner: "member_a"},
		"admin":         {Path: "/admin", Owner: "admin"},
		"users":         {Path: "/api/admin/users", Owner: "admin"},
		"note":          {Path: "/api/admin/members/{id}/note", Params: id("usr_7k2m"), Owner: "admin"},
		"write_note":    {Method: "POST", Path: "/api/admin/members/{id}/note", Params: id("usr_9x4q"), Body: `{"text":"{{canary}}"}`, Owner: "admin"},
		"change_member": {Method: "PATCH", Path: "/api/members/{id}", Params: id("usr_8w2k"), Body: `{"display_name":"Dora"}`, Owner: "disposable", MassAssignment: []string{"role", "organization"}},
		"change_profile": {
			Method: "PATCH", Path: "/api/profile", Body: `{"display_name":"Dora"}`, Owner: "disposable", Deny: []string{"anonymous"}, MassAssignment: []string{"role"},
		},
		"delete_message": {
			Method: "DELETE", Path: "/api/messages/{id}", Owner: "member_a", Deny: []string{"member", "api", "admin"},
			Create: &authzcheck.Create{Path: "/api/messages", Body: `{"text":"{{canary}}"}`},
		},
	} {
		r.Name = name
		spec.Routes = append(spec.Routes, r)
	}
	slices.SortFunc(spec.Routes, func(a, b authzcheck.Route) int { return strings.Compare(a.Name, b.Name) })
	anybody := authzcheck.Route{Allow: []string{"member", "admin", "api"}}
	spec.OpenAPI = &authzcheck.OpenAPI{URL: base + "/api/openapi.json", Bindings: map[string]authzcheck.Route{
		"GET /api/membership":        anybody,
		"GET /api/mail/suppressions": {Owner: "robot", Allow: admins},
		"POST /api/messages":         anybody,
		"POST /api/password":         anybody,
		"POST /api/email":            anybody,
		"POST /api/invites":          anybody,
	}}
	return spec
}

func authorizationResult(t *testing.T, s target) readiness.Result {
	t.Helper()
	started := time.Now()
	result, err := authzcheck.Definition.Execute(t.Context(), s.prober(t), authorizationSpec(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("authorization: %s; planned %s, sent %s", time.Since(started).Round(time.Millisecond), result.Observed["requests planned"], result.Observed["requests sent"])
	return result
}

// Ten runs in a row on a healthy portal are silent, and say the same. make soak
// makes them on one with traps.
func TestAuthorizationIsSilent(t *testing.T) {
	t.Parallel()
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	first := ""
	for i := range 10 {
		result := authorizationResult(t, s)
		if got := violations([]readiness.Result{result}); len(got) > 0 {
			t.Fatal(explain([]readiness.Result{result}))
		}
		switch again := tell(result); {
		case i == 0:
			first = again
		case first != again:
			t.Fatalf("run %d differs:\n%s\n%s", i, first, again)
		}
	}
}

func tell(r readiness.Result) string {
	var b strings.Builder
	for _, f := range r.Findings {
		b.WriteString(f.Rule + " " + f.Subject + " " + string(f.Status) + " " + f.Message + "\n")
	}
	return b.String()
}
