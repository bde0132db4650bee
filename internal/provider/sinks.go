package provider

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// sink is a named place where signals of the target are read.
type sink struct {
	Type         string            `json:"type"`
	URL          string            `json:"url"`
	Path         string            `json:"path"`
	Tenant       string            `json:"tenant"`
	Organization string            `json:"organization"`
	Project      string            `json:"project"`
	BearerToken  string            `json:"bearer_token"`
	Username     string            `json:"username"`
	Password     string            `json:"password"`
	Headers      map[string]string `json:"headers"`
}

// config is the sink as probes take it.
func (s sink) config() probe.SinkConfig {
	return probe.SinkConfig{
		Kind: probe.SinkKind(s.Type), URL: s.URL, Path: s.Path, Tenant: s.Tenant, Organization: s.Organization, Project: s.Project,
		Header: probe.SinkHeader(s.BearerToken, s.Username, s.Password, s.Headers),
	}
}

// sinksAttribute is the argument sinks of the provider block.
func sinksAttribute() schema.MapNestedAttribute {
	var kinds []string
	for _, k := range probe.SinkKinds() {
		kinds = append(kinds, string(k))
	}
	return schema.MapNestedAttribute{
		Optional: true, Sensitive: true,
		MarkdownDescription: "Named places where signals of the target are read, by checks of operation; or `LAUNCHREADY_SINKS` as JSON. " +
			"They are only read; `probe.allowed_hosts` need not cover them. They never reach state, plan, logs or findings.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"type": text("What speaks there. `prometheus`, `loki`, `alertmanager` and `sentry` are read through their HTTP APIs. `metrics` is an address with metrics in Prometheus's text format, "+
				"`json` one that answers with events (a list, an object that holds one, or JSON lines), `webhook` one that answers GET with the payloads which a webhook was sent. `file` is a log file on this machine.", oneOf(kinds...)),
			"url":          text("Base of the API, such as `https://prometheus.acme.example`; with `metrics`, `json` and `webhook` the address itself, in which `{{mark}}` stands for the mark of a drill."),
			"path":         text("With `file`: path of the log."),
			"tenant":       text("With `loki`: tenant (`X-Scope-OrgID`)."),
			"organization": text("With `sentry`: organisation."),
			"project":      text("With `sentry`: project."),
			"bearer_token": text("Bearer token.", sensitive),
			"username":     text("User name of HTTP Basic authentication."),
			"password":     text("Password of HTTP Basic authentication.", sensitive),
			"headers":      schema.MapAttribute{Optional: true, Sensitive: true, ElementType: types.StringType, MarkdownDescription: "Headers that authenticate."},
		}},
	}
}

// sinks reads the argument, or the environment if the block has none.
func (r *reader) sinks(m types.Map) map[string]sink {
	if m.IsUnknown() {
		r.unknown = append(r.unknown, "sinks")
		return nil
	}
	out := map[string]sink{}
	if v := r.env("LAUNCHREADY_SINKS"); m.IsNull() && strings.TrimSpace(v) != "" {
		decoder := json.NewDecoder(strings.NewReader(v))
		decoder.DisallowUnknownFields() // a misspelt field would be a sink without its credentials
		// The error is not shown: it could quote a credential.
		if decoder.Decode(&out) != nil {
			r.diags.AddError("Malformed LAUNCHREADY_SINKS",
				`It must be a JSON object of named sinks: {"logs":{"type":"loki","url":"https://loki.acme.example"}}. `+
					"Fields are type, url, path, tenant, organization, project, bearer_token, username, password and headers.")
		}
	}
	for name, e := range m.Elements() {
		o, ok := e.(types.Object)
		if !ok {
			continue
		}
		at := path.Root("sinks").AtMapKey(name)
		before := len(r.unknown)
		one := sink{
			Type: r.text(o, at, "type", ""), URL: r.text(o, at, "url", ""), Path: r.text(o, at, "path", ""), Tenant: r.text(o, at, "tenant", ""),
			Organization: r.text(o, at, "organization", ""), Project: r.text(o, at, "project", ""),
			BearerToken: r.text(o, at, "bearer_token", ""), Username: r.text(o, at, "username", ""), Password: r.text(o, at, "password", ""),
		}
		one.Headers = r.headers(o, at)
		if len(r.unknown) == before {
			out[name] = one
		}
	}
	for name, one := range out {
		if err := one.config().Validate(); err != nil {
			at := path.Root("sinks").AtMapKey(name)
			r.diags.AddAttributeError(at, "Sink cannot be used", fmt.Sprintf("%s of provider \"launchready\" (or LAUNCHREADY_SINKS): %s", at, sentence(err)))
		}
	}
	return out
}

// secrets are the values of a sink that must never be shown.
func (s sink) secrets() []string {
	out := []string{s.BearerToken, s.Password}
	for _, v := range s.Headers {
		out = append(out, v)
	}
	return out
}

// sink finds a sink that an argument names.
func (s *shared) sink(name string, at path.Path) (sink, diag.Diagnostics) {
	var diags diag.Diagnostics
	if arg := s.waitsFor("sinks"); arg != "" {
		diags.AddAttributeError(at, "The sink is not known yet",
			fmt.Sprintf("The argument %s of provider \"launchready\" depends on a value that is known only after apply. "+
				"Give it a value that is known, or apply what makes it first with -target.", arg))
		return sink{}, diags
	}
	one, ok := s.settings.sinks[name]
	switch {
	case !ok && len(s.settings.sinks) == 0:
		diags.AddAttributeError(at, "No sinks", fmt.Sprintf("%s is %q, but provider \"launchready\" has no sinks: set sinks, or the environment variable LAUNCHREADY_SINKS.", at, name))
	case !ok:
		diags.AddAttributeError(at, "Unknown sink", fmt.Sprintf("%s is %q; sinks of provider \"launchready\" (or LAUNCHREADY_SINKS) has: %s.", at, name, strings.Join(sortedKeys(s.settings.sinks), ", ")))
	}
	return one, diags
}
