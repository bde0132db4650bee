package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// identity finds a test account that an argument names.
func (s *shared) identity(name string, at path.Path) (identity, diag.Diagnostics) {
	var diags diag.Diagnostics
	if arg := s.waitsFor("identities"); arg != "" {
		diags.AddAttributeError(at, "The identity is not known yet", fmt.Sprintf("The argument %s of provider \"launchready\" depends on a value that is known only after apply.", arg))
		return identity{}, diags
	}
	id, ok := s.settings.identities[name]
	if !ok {
		diags.AddAttributeError(at, "Unknown identity", fmt.Sprintf("%s is %q; identities of provider \"launchready\" (or LAUNCHREADY_IDENTITIES) has: %s.",
			at, name, strings.Join(sortedKeys(s.settings.identities), ", ")))
	}
	return id, diags
}

// identityHeaders returns what makes a request that of an identity: its token or
// headers, else those of a session, which is opened once in this process. No
// name, no headers. They are credentials: they may go into requests and nowhere else.
func (s *shared) identityHeaders(ctx context.Context, name types.String, at path.Path) (http.Header, diag.Diagnostics) {
	if name.IsNull() {
		return http.Header{}, nil
	}
	actor, diags := s.actor(ctx, name.ValueString(), at)
	if diags.HasError() {
		return http.Header{}, diags
	}
	prober, more := s.ready()
	diags.Append(more...)
	if diags.HasError() {
		return http.Header{}, diags
	}
	session, err := actor.Session(ctx, prober)
	switch {
	case errors.Is(err, probe.ErrNoSignIn), errors.Is(err, probe.ErrNoCredentials):
		diags.AddAttributeError(at, "Identity cannot be used here", fmt.Sprintf("%s is %q: %s "+
			"Set portal.base_url and portal.sign_in in provider \"launchready\", or give the identity bearer_token or headers.", at, actor.Name, sentence(err)))
	case err != nil:
		diags.AddAttributeError(at, "Sign-in failed", fmt.Sprintf("%s is %q, as which nobody could sign in at %s: %s "+
			"Check portal.sign_in, portal.whoami and the identity in provider \"launchready\" (or LAUNCHREADY_IDENTITIES).", at, actor.Name, actor.Portal.BaseURL, sentence(err)))
	}
	if err != nil {
		return http.Header{}, diags
	}
	return session.Header(), diags
}

// actor is an identity that an argument names, with the portal it signs in to.
// Nothing is sent yet. An identity that needs no sign-in needs no portal.
func (s *shared) actor(ctx context.Context, name string, at path.Path) (probe.Actor, diag.Diagnostics) {
	id, diags := s.identity(name, at)
	if diags.HasError() {
		return probe.Actor{}, diags
	}
	out := probe.Actor{Name: name, Role: id.Role, Organization: id.Organization, Identity: id.account(), Sessions: &s.sessions}
	portal, more := s.portal(ctx, at)
	if len(out.Identity.Direct()) == 0 {
		diags.Append(more...)
	}
	out.Portal = portal
	return out, diags
}

// account is the identity as probes take it.
func (i identity) account() probe.Identity {
	return probe.Identity{Username: i.Username, Password: i.Password, TOTPSecret: i.TOTPSecret, BearerToken: i.BearerToken, Headers: i.Headers}
}

// portal is the provider block's portal; the zero value if there is none. at is
// what needs it.
func (s *shared) portal(ctx context.Context, at path.Path) (probe.Portal, diag.Diagnostics) {
	var diags diag.Diagnostics
	o := s.settings.portal
	for _, name := range []string{"base_url", "sign_in", "sign_out", "csrf", "whoami"} {
		if v := o.Attributes()[name]; o.IsUnknown() || v != nil && !fullyKnown(ctx, v) {
			diags.AddAttributeError(at, "The portal is not known yet", fmt.Sprintf("The argument portal.%s of provider \"launchready\" depends on a value that is known only after apply.", name))
			return probe.Portal{}, diags
		}
	}
	text := func(o types.Object, name string) string {
		v, _ := o.Attributes()[name].(types.String)
		return v.ValueString()
	}
	object := func(name string) types.Object {
		v, _ := o.Attributes()[name].(types.Object)
		return v
	}
	in, out, csrf := object("sign_in"), object("sign_out"), object("csrf")
	second, _ := in.Attributes()["second_factor"].(types.Object)
	return probe.Portal{
		BaseURL: text(o, "base_url"), WhoAmI: text(object("whoami"), "path"),
		SignIn: probe.SignInRequest{
			Path: text(in, "path"), Format: text(in, "format"), Fields: fieldsOf(in), TokenPointer: text(in, "token_pointer"), CSRF: text(in, "csrf"),
			SecondFactor: probe.SecondFactor{
				Path: text(second, "path"), Format: text(second, "format"), Fields: fieldsOf(second),
				TokenPointer: text(second, "token_pointer"), CSRF: text(second, "csrf"),
			},
		},
		CSRF:    probe.CSRFSource{Path: text(csrf, "path"), Field: text(csrf, "field"), Header: text(csrf, "header")},
		SignOut: probe.SignOutRequest{Method: text(out, "method"), Path: text(out, "path")},
	}, diags
}

// fieldsOf are the fields that a request of the portal sends.
func fieldsOf(o types.Object) map[string]string {
	fields := map[string]string{}
	if m, ok := o.Attributes()["fields"].(types.Map); ok {
		for key, value := range m.Elements() {
			if v, ok := value.(types.String); ok {
				fields[key] = v.ValueString()
			}
		}
	}
	return fields
}

// fullyKnown reports whether no part of a value waits for an apply.
func fullyKnown(ctx context.Context, v attr.Value) bool {
	raw, err := v.ToTerraformValue(ctx)
	return err == nil && raw.IsFullyKnown()
}
