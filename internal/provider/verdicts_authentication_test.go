package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check/authcheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// authenticationRules begin the rules of the check.
var authenticationRules = []string{"authn.", "session.", "jwt.", "reset.", "mfa."}

func init() {
	applicationChecks = append(applicationChecks, applicationCheck{
		prefixes: authenticationRules,
		run:      authenticationResults,
	})
}

// shortSessions are what the sandbox offers for tests.
var shortSessions = &authcheck.ShortSession{Header: http.Header{"X-Test-Session": {"idle=1s, life=4s"}}, Idle: time.Second, Absolute: 4 * time.Second}

// portal is the sandbox's portal as people sign in to it by its form.
func (s target) portal() probe.Portal {
	return probe.Portal{
		BaseURL: "https://portal." + s.Domain(), WhoAmI: "/api/me",
		SignIn:  probe.SignInRequest{Path: "/login", Format: "form"},
		SignOut: probe.SignOutRequest{Path: "/api/logout"},
		CSRF:    probe.CSRFSource{Path: "/account"},
	}
}

func (s target) actor(name string, portal probe.Portal, sessions *probe.Sessions) probe.Actor {
	id := s.Identities()[name]
	return probe.Actor{
		Name: name, Role: id.Role, Organization: id.Organization, Portal: portal, Sessions: sessions,
		Identity: probe.Identity{Username: id.Username, Password: id.Password, TOTPSecret: id.TOTPSecret, BearerToken: id.BearerToken},
	}
}

// authenticationSpec is the check of a client, with all that it can be given.
func (s target) authenticationSpec() authcheck.Spec {
	sessions, portal, inbox := s.sessions(), s.portal(), s.Mailboxes()["inbox"]
	admin, disposable := s.actor("admin", portal, sessions), s.actor("disposable", portal, sessions)
	return authcheck.Spec{
		Actor: s.actor("member_a", portal, sessions), ProtectedPaths: []string{"/api/posts", "/account"},
		Token: &authcheck.TokenSignIn{
			SignIn:  probe.SignInRequest{Path: "/api/token", TokenPointer: "/access_token"},
			Refresh: &authcheck.Request{Path: "/api/token/refresh", Body: `{"refresh_token":"{{refresh_token}}"}`},
		},
		Admin: &admin, AdminPaths: []string{"/admin", "/api/admin/users"}, Mutable: &disposable,
		Changes: map[string]authcheck.Request{
			"password": {Path: "/api/password", Body: `{"current_password":"{{current_password}}","password":"{{password}}"}`},
			"email":    {Path: "/api/email", Body: `{"current_password":"{{current_password}}","email":"{{address}}"}`},
		},
		Recovery: &authcheck.Recovery{
			Request: authcheck.Request{Path: "/api/password-reset", Body: `{"email":"{{address}}"}`},
			Confirm: &authcheck.Request{Path: "/api/password-reset/confirm", Body: `{"token":"{{token}}","password":"{{password}}"}`},
			Mailbox: probe.MailAccount{Server: inbox.IMAP, Username: inbox.Username, Password: inbox.Password}, Address: inbox.Address,
		},
		SignUp: &authcheck.Request{Path: "/api/signup", Body: `{"email":"{{address}}","password":"{{password}}","name":"{{name}}"}`},
		Short:  shortSessions, Patience: 3 * time.Second, Leeway: 3 * time.Second, Delivery: 5 * time.Second,
	}
}

func authenticationResults(t *testing.T, s target) []readiness.Result {
	t.Helper()
	result, err := authcheck.Definition.Execute(t.Context(), s.prober(t), s.authenticationSpec())
	if err != nil {
		t.Fatal(err)
	}
	return []readiness.Result{result}
}
