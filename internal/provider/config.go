package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// settings is the provider configuration with the environment filled in.
type settings struct {
	token, baseURL string
	probe          probe.Config
	override       *readiness.Override
	identities     map[string]identity
	portal         types.Object
	mailboxes      map[string]mailbox
	monitors       map[string]monitorAccess
	sinks          map[string]sink
	unknown        []string // arguments that are not known yet
	secrets        []string // values that must never be shown
}

// identity is a named test account.
type identity struct {
	Username     string            `json:"username"`
	Password     string            `json:"password"`
	Role         string            `json:"role"`
	Organization string            `json:"organization"`
	TOTPSecret   string            `json:"totp_secret"`
	BearerToken  string            `json:"bearer_token"`
	Headers      map[string]string `json:"headers"`
}

// read turns the provider block into settings. env looks up an environment
// variable; an argument that is set wins over it.
func (p *launchready) read(m configModel, env func(string) string) (settings, diag.Diagnostics) {
	r := reader{env: env}
	s := settings{portal: m.Portal}

	cf := path.Root("cloudflare")
	s.token = r.text(m.Cloudflare, cf, "api_token", "CLOUDFLARE_API_TOKEN")
	s.baseURL = r.text(m.Cloudflare, cf, "base_url", "CLOUDFLARE_BASE_URL")

	at := path.Root("probe")
	s.probe.AllowedHosts = r.list(m.Probe, at, "allowed_hosts", "LAUNCHREADY_ALLOWED_HOSTS")
	s.probe.Resolvers = r.list(m.Probe, at, "resolvers", "LAUNCHREADY_RESOLVERS")
	s.probe.ConnectTo = r.pairs(m.Probe, at, "connect_to", "LAUNCHREADY_CONNECT_TO")
	s.probe.CABundle = r.pem(r.text(m.Probe, at, "ca_bundle", "LAUNCHREADY_CA_BUNDLE"), at.AtName("ca_bundle"))
	if t := r.text(m.Probe, at, "timeout", ""); t != "" {
		s.probe.Timeout, _ = time.ParseDuration(t) // its validator has judged the form
	}
	s.probe.UserAgent = "launchready/" + p.version + " (+https://github.com/launchready/terraform-provider-launchready)"
	s.probe.Clock = p.now

	s.override = r.override(m.Override)
	s.identities = r.identities(m.Identities)
	s.mailboxes = r.mailboxes(m.Mailboxes)
	s.monitors = r.monitors(m.Monitors)
	s.sinks = r.sinks(m.Sinks)
	s.unknown = r.unknown
	s.secrets = append(s.secrets, s.token)
	for _, id := range s.identities {
		s.secrets = append(s.secrets, id.Password, id.TOTPSecret, id.BearerToken)
		for _, v := range id.Headers {
			s.secrets = append(s.secrets, v)
		}
	}
	for _, box := range s.mailboxes {
		s.secrets = append(s.secrets, box.Password)
	}
	for _, access := range s.monitors {
		s.secrets = append(s.secrets, access.token)
	}
	for _, one := range s.sinks {
		s.secrets = append(s.secrets, one.secrets()...)
	}
	if err := s.probe.Validate(); err != nil && !r.isUnknown("probe") {
		r.probeError(err)
	}
	return s, r.diags
}

// reader reads arguments of the provider block and remembers which are unknown.
type reader struct {
	env     func(string) string
	unknown []string
	diags   diag.Diagnostics
}

func (r *reader) isUnknown(prefix string) bool {
	for _, u := range r.unknown {
		if strings.HasPrefix(u, prefix) {
			return true
		}
	}
	return false
}

// value finds an argument of a nested object; nil if it is missing or unknown.
func (r *reader) value(o types.Object, at path.Path, name string) attr.Value {
	if o.IsUnknown() {
		r.unknown = append(r.unknown, at.AtName(name).String())
		return nil
	}
	v, ok := o.Attributes()[name]
	if !ok || v.IsNull() {
		return nil
	}
	if v.IsUnknown() {
		r.unknown = append(r.unknown, at.AtName(name).String())
		return nil
	}
	return v
}

func (r *reader) text(o types.Object, at path.Path, name, variable string) string {
	switch v := r.value(o, at, name).(type) {
	case types.String:
		return v.ValueString()
	case nil:
		if variable != "" && !r.isUnknown(at.AtName(name).String()) {
			return strings.TrimSpace(r.env(variable))
		}
	}
	return ""
}

func (r *reader) list(o types.Object, at path.Path, name, variable string) []string {
	if v, ok := r.value(o, at, name).(types.List); ok {
		var out []string
		for i, e := range v.Elements() {
			switch s, ok := e.(types.String); {
			case !ok || s.IsUnknown():
				r.unknown = append(r.unknown, at.AtName(name).AtListIndex(i).String())
			default:
				out = append(out, s.ValueString())
			}
		}
		if out == nil {
			out = []string{} // set but empty: nothing is allowed, which is not the same as not set
		}
		return out
	}
	if r.isUnknown(at.AtName(name).String()) {
		return nil
	}
	return splitList(r.env(variable))
}

func (r *reader) pairs(o types.Object, at path.Path, name, variable string) map[string]string {
	if v, ok := r.value(o, at, name).(types.Map); ok {
		out := map[string]string{}
		for key, e := range v.Elements() {
			switch s, ok := e.(types.String); {
			case !ok || s.IsUnknown():
				r.unknown = append(r.unknown, at.AtName(name).AtMapKey(key).String())
			default:
				out[key] = s.ValueString()
			}
		}
		return out
	}
	if r.isUnknown(at.AtName(name).String()) {
		return nil
	}
	var out map[string]string
	for _, entry := range splitList(r.env(variable)) {
		key, value, ok := strings.Cut(entry, "=")
		if !ok {
			r.diags.AddError("Malformed "+variable, fmt.Sprintf("The entry %q has no \"=\": write from=to, such as *:443=127.0.0.1:8443.", entry))
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return out
}

// pem returns certificates given as PEM text or as the path of a file of them.
func (r *reader) pem(v string, at path.Path) []byte {
	if v == "" || strings.Contains(v, "-----BEGIN") {
		return []byte(v)
	}
	b, err := os.ReadFile(v)
	if err != nil {
		r.diags.AddAttributeError(at, "CA bundle cannot be read",
			fmt.Sprintf("probe.ca_bundle (or LAUNCHREADY_CA_BUNDLE) is neither PEM text nor a file that can be read: %s.", err))
		return nil
	}
	return b
}

func (r *reader) override(o types.Object) *readiness.Override {
	at := path.Root("override")
	if o.IsNull() {
		if reason := strings.TrimSpace(r.env("LAUNCHREADY_OVERRIDE")); reason != "" {
			return &readiness.Override{Reason: reason, Owner: "LAUNCHREADY_OVERRIDE"}
		}
		return nil
	}
	reason, owner := r.text(o, at, "reason", ""), r.text(o, at, "owner", "")
	expires := r.text(o, at, "expires", "")
	if r.isUnknown("override") {
		return nil // an override that is not known yet lets nothing through
	}
	date, err := readiness.ParseDate(expires)
	if err != nil {
		return nil // reported by the attribute's validator
	}
	return &readiness.Override{Reason: reason, Owner: owner, Expires: date}
}

func (r *reader) identities(m types.Map) map[string]identity {
	if m.IsUnknown() {
		r.unknown = append(r.unknown, "identities")
		return nil
	}
	out := map[string]identity{}
	if m.IsNull() {
		if v := r.env("LAUNCHREADY_IDENTITIES"); strings.TrimSpace(v) != "" {
			decoder := json.NewDecoder(strings.NewReader(v))
			decoder.DisallowUnknownFields() // a misspelt field would be an identity without a password
			// The error is not shown: it could quote a credential.
			if decoder.Decode(&out) != nil {
				r.diags.AddError("Malformed LAUNCHREADY_IDENTITIES",
					`It must be a JSON object of named identities: {"member_a":{"username":"...","password":"...","role":"member"}}. `+
						"Fields are username, password, role, organization, totp_secret, bearer_token and headers.")
			}
		}
		return out
	}
	for name, e := range m.Elements() {
		o, ok := e.(types.Object)
		if !ok {
			continue
		}
		at := path.Root("identities").AtMapKey(name)
		id := identity{
			Username: r.text(o, at, "username", ""), Password: r.text(o, at, "password", ""), Role: r.text(o, at, "role", ""),
			Organization: r.text(o, at, "organization", ""), TOTPSecret: r.text(o, at, "totp_secret", ""),
			BearerToken: r.text(o, at, "bearer_token", ""),
		}
		id.Headers = r.headers(o, at)
		out[name] = id
	}
	return out
}

// headers reads the argument headers. One whose value is not known yet, as every
// variable is while a configuration is validated, is noted as that; null is none.
func (r *reader) headers(o types.Object, at path.Path) map[string]string {
	v, ok := r.value(o, at, "headers").(types.Map)
	if !ok {
		return nil
	}
	out := map[string]string{}
	for name, e := range v.Elements() {
		switch s, ok := e.(types.String); {
		case !ok || s.IsUnknown():
			r.unknown = append(r.unknown, at.AtName("headers").AtMapKey(name).String())
		case !s.IsNull():
			out[name] = s.ValueString()
		}
	}
	return out
}

// probeError points at the argument that the probe package refuses.
func (r *reader) probeError(err error) {
	var bad *probe.ConfigError
	if !errors.As(err, &bad) {
		r.diags.AddAttributeError(path.Root("probe"), "Invalid probe configuration", err.Error())
		return
	}
	at := path.Root("probe").AtName(bad.Field)
	detail := err.Error()
	if bad.Field != "timeout" {
		detail += fmt.Sprintf("\n\nIt is probe.%s of provider \"launchready\", or the environment variable LAUNCHREADY_%s.", bad.Field, strings.ToUpper(bad.Field))
	}
	if bad.Field == "connect_to" && bad.Key != "" {
		at = at.AtMapKey(bad.Key)
	}
	r.diags.AddAttributeError(at, "Invalid probe configuration", detail)
}

func splitList(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
