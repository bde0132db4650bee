// Package provider is Terraform's face: it turns configuration into the values
// of the domain packages and their answers into state and diagnostics. No
// business rule lives here.
package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

var (
	_ provider.Provider                   = &launchready{}
	_ provider.ProviderWithValidateConfig = &launchready{}
	_ provider.ProviderWithFunctions      = &launchready{}
)

type launchready struct {
	version string
	now     func() time.Time
	// configured is what Configure made last, for Server.
	configured atomic.Pointer[shared]
}

// Option changes how a provider is built; tests use it.
type Option func(*launchready)

// WithClock makes the provider read the time from now.
func WithClock(now func() time.Time) Option { return func(p *launchready) { p.now = now } }

// New returns the constructor of a provider of a version.
func New(version string, options ...Option) func() provider.Provider {
	return func() provider.Provider { return newProvider(version, options...) }
}

func newProvider(version string, options ...Option) *launchready {
	p := &launchready{version: version, now: time.Now}
	for _, option := range options {
		option(p)
	}
	return p
}

func (p *launchready) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "launchready"
	resp.Version = p.version
}

func (p *launchready) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Decides in `terraform plan` whether a client's portal may launch, and builds with `terraform apply` what makes the answer yes.\n\n" +
			"A provider without a Cloudflare token still runs every check that needs no API (audit mode).",
		Attributes: configAttributes(),
	}
}

func (p *launchready) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var model configModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The environment is left out: what it holds is judged when it is used.
	_, diags := p.read(model, func(string) string { return "" })
	resp.Diagnostics.Append(diags...)
}

func (p *launchready) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model configModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	shared, diags := p.configure(model)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	p.configured.Store(shared)
	resp.ResourceData = shared
	resp.DataSourceData = shared
}

func (p *launchready) Resources(context.Context) []func() resource.Resource { return resources() }

func (p *launchready) DataSources(context.Context) []func() datasource.DataSource {
	return dataSources()
}

func (p *launchready) Functions(context.Context) []func() function.Function { return functions() }
