package provider

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/secretscheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/secretscan"
)

type secretsCheckModel struct {
	checkFrame
	Repository types.String     `tfsdk:"repository"`
	History    types.Bool       `tfsdk:"history"`
	Paths      types.List       `tfsdk:"paths"`
	Logs       types.List       `tfsdk:"logs"`
	Pages      types.List       `tfsdk:"pages"`
	Identity   types.String     `tfsdk:"identity"`
	AssetHosts types.List       `tfsdk:"asset_hosts"`
	Hosts      types.List       `tfsdk:"hosts"`
	Config     types.String     `tfsdk:"config"`
	IgnoreFile types.String     `tfsdk:"ignore_file"`
	PublicKeys []publicKeyModel `tfsdk:"public_keys"`
	Rotation   *rotationModel   `tfsdk:"rotation"`
	Cache      types.Bool       `tfsdk:"cache"`
	Timeout    types.String     `tfsdk:"timeout"`
}

type publicKeyModel struct {
	Fingerprint types.String `tfsdk:"fingerprint"`
	Pattern     types.String `tfsdk:"pattern"`
	Reason      types.String `tfsdk:"reason"`
}

type rotationModel struct {
	Document  types.String `tfsdk:"document"`
	Statement types.String `tfsdk:"statement"`
	Owner     types.String `tfsdk:"owner"`
	Date      types.String `tfsdk:"date"`
	Evidence  types.String `tfsdk:"evidence"`
}

func secretsCheck() registration {
	return register(checkSource[secretsCheckModel, *secretsCheckModel, secretscheck.Spec]{
		definition: secretscheck.Definition,
		attributes: secretsCheckAttributes,
		spec:       secretsCheckSpec,
		complete:   completeSecrets,
		// Pages may be on the portal of the provider block: completeSecrets checks the scope of all.
		hosts: func(*secretsCheckModel) map[string]path.Path { return nil },
	})
}

// secretsCheckSpec reads what the configuration says by itself, and the files
// that it names.
func secretsCheckSpec(_ context.Context, m *secretsCheckModel) (secretscheck.Spec, diag.Diagnostics) {
	var diags diag.Diagnostics
	spec := secretscheck.Spec{Repository: m.Repository.ValueString(), SkipHistory: isFalse(m.History), Timeout: durationOf(m.Timeout)}
	spec.Paths, _ = stringsOf(m.Paths)
	spec.Logs, _ = stringsOf(m.Logs)
	spec.AssetHosts, _ = stringsOf(m.AssetHosts)
	if !m.Hosts.IsNull() {
		hosts, _ := stringsOf(m.Hosts)
		spec.Hosts = append([]string{}, hosts...) // empty is not the same as not set
	}
	if !isFalse(m.Cache) {
		spec.Cache = secretscan.UserCache()
	}
	if !m.Config.IsNull() {
		if spec.Config = m.Config.ValueString(); !isTOML(spec.Config) {
			spec.Config = readArgument(spec.Config, path.Root("config"), &diags)
			if err := secretscan.CheckConfig(spec.Config); err != nil {
				diags.AddAttributeError(path.Root("config"), "Not a configuration of gitleaks", sentence(err))
			}
		}
	}
	if !m.IgnoreFile.IsNull() {
		spec.IgnoreFile = strings.Split(readArgument(m.IgnoreFile.ValueString(), path.Root("ignore_file"), &diags), "\n")
	}
	for _, k := range m.PublicKeys {
		key := secretscan.PublicKey{Fingerprint: k.Fingerprint.ValueString(), Reason: k.Reason.ValueString()}
		if pattern, err := regexp.Compile(k.Pattern.ValueString()); err == nil && !k.Pattern.IsNull() {
			pattern.Longest()
			key.Pattern = pattern
		}
		spec.PublicKeys = append(spec.PublicKeys, key)
	}
	if r := m.Rotation; r != nil {
		date, _ := time.Parse(time.DateOnly, r.Date.ValueString()) // judged by the attribute's validator
		spec.Rotation = &secretscheck.Rotation{
			Document: r.Document.ValueString(), Statement: r.Statement.ValueString(), Owner: r.Owner.ValueString(), Evidence: r.Evidence.ValueString(), Date: date,
		}
	}
	if spec.Repository == "" && len(spec.Paths)+len(spec.Logs)+len(spec.Hosts)+len(m.Pages.Elements()) == 0 {
		diags.AddError("Nothing to look at", "launchready_secrets_check needs one of repository, paths, logs, pages and hosts.")
	}
	return spec, diags
}

// maxArgumentFile is the longest file that an argument may name, in bytes.
const maxArgumentFile = 4 << 20

// readArgument reads a file that an argument names.
func readArgument(name string, at path.Path, diags *diag.Diagnostics) string {
	info, err := os.Stat(name)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxArgumentFile) {
		err = fmt.Errorf("it is no file, or longer than 4 MiB")
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		diags.AddAttributeError(at, "File cannot be read", fmt.Sprintf("%s is %q, which cannot be read: %s.", at, name, err))
	}
	return string(text)
}

// completeSecrets finds addresses, the visitor, and what must stand in no log.
func completeSecrets(ctx context.Context, s *shared, m *secretsCheckModel, spec *secretscheck.Spec) diag.Diagnostics {
	var diags diag.Diagnostics
	intent := probe.Passive
	if !m.Identity.IsNull() {
		intent = probe.Active
		actor, more := s.actor(ctx, m.Identity.ValueString(), path.Root("identity"))
		diags.Append(more...)
		spec.Visitor = &actor
	}
	pages, _ := stringsOf(m.Pages)
	for i, page := range pages {
		at := path.Root("pages").AtListIndex(i)
		if strings.HasPrefix(page, "/") {
			there, more := s.onPortal(page, at)
			diags.Append(more...)
			if more.HasError() {
				continue
			}
			page = there
		}
		u, err := url.Parse(page)
		if err != nil || u.Hostname() == "" {
			diags.AddAttributeError(at, "Not an address", fmt.Sprintf("%s is %q; write an address such as https://portal.acme.example/.", at, page))
			continue
		}
		if err := s.prober.InScope(u.Hostname(), intent); err != nil {
			diags.AddAttributeError(at, "Host out of scope", err.Error())
		}
		spec.Pages = append(spec.Pages, page)
	}
	for i, host := range spec.Hosts {
		if err := s.prober.InScope(host, probe.Active); err != nil {
			diags.AddAttributeError(path.Root("hosts").AtListIndex(i), "Host out of scope", err.Error())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.settings.identities)) {
		id := s.settings.identities[name]
		for what, value := range map[string]string{"password": id.Password, "bearer token": id.BearerToken, "TOTP secret": id.TOTPSecret} {
			if value != "" {
				spec.Credentials = append(spec.Credentials, secretscan.Credential{Name: what + " of the identity " + name, Value: value})
			}
		}
	}
	return diags
}
