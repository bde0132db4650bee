package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
)

// senderDataSource shows an entry of the catalogue of senders. It asks nobody.
type senderDataSource struct{}

func newSenderDataSource() datasource.DataSource { return senderDataSource{} }

type senderModel struct {
	Name           types.String          `tfsdk:"name"`
	Title          types.String          `tfsdk:"title"`
	SPFIncludes    []string              `tfsdk:"spf_includes"`
	SPFAt          types.String          `tfsdk:"spf_at"`
	Apex           types.String          `tfsdk:"apex"`
	Selectors      []senderSelectorModel `tfsdk:"selectors"`
	ReturnPath     []string              `tfsdk:"return_path_targets"`
	ReturnPathName types.String          `tfsdk:"return_path_name"`
	Note           types.String          `tfsdk:"note"`
	Evidence       []string              `tfsdk:"evidence"`
	Verified       types.String          `tfsdk:"verified"`
}

type senderSelectorModel struct {
	Selector types.String `tfsdk:"selector"`
	Type     types.String `tfsdk:"type"`
	Fixed    types.Bool   `tfsdk:"fixed"`
	Targets  []string     `tfsdk:"targets"`
}

func (senderDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_sender"
}

func (senderDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	list := func(description string) schema.ListAttribute {
		return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What a service that sends mail needs in the DNS, from the catalogue that `senders` of `launchready_spf_record` and `launchready_email_auth_check` are read from. " +
			"What differs per account, such as the target of a CNAME, the service's own console shows.",
		Attributes: map[string]schema.Attribute{
			"name":                schema.StringAttribute{Required: true, MarkdownDescription: "Catalogue name: `" + strings.Join(senders.Keys(), "`, `") + "`.", Validators: []validator.String{isSender{}}},
			"title":               text("Name of the service."),
			"spf_includes":        list("Names of its SPF includes; the first is the current one."),
			"spf_at":              text("Where the include belongs if not at the domain itself, such as `send`."),
			"apex":                text("What an include at the domain itself does: `needed`, `optional` (depends on the account) or `useless` (the service has a return path of its own)."),
			"return_path_targets": list("Suffixes of the CNAME or MX target of its return path."),
			"return_path_name":    text("Where its return path stands below the domain unless the account says otherwise."),
			"note":                text("What else is to be known."),
			"evidence":            list("Where this was learned."),
			"verified":            text("When it was last compared with its sources, as YYYY-MM."),
			"selectors": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "Its DKIM selectors.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"selector": text("Selector."),
					"type":     text("`TXT` (a key) or `CNAME` (a target)."),
					"fixed":    schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether every account has it; else it is a default that the account may change."},
					"targets":  list("Suffixes that the target of the CNAME ends in."),
				}},
			},
		},
	}
}

func (senderDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var name types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	sender, ok := senders.Lookup(name.ValueString())
	if resp.Diagnostics.HasError() || !ok {
		addUnknownSender(&resp.Diagnostics, path.Root("name"), name.ValueString())
		return
	}
	model := senderModel{
		Name: name, Title: types.StringValue(sender.Title), SPFIncludes: some(sender.Includes), SPFAt: types.StringValue(sender.SPFAt), Apex: types.StringValue(string(sender.Apex)),
		ReturnPath: some(sender.ReturnPath), ReturnPathName: types.StringValue(sender.ReturnPathAt), Note: types.StringValue(sender.Note), Verified: types.StringValue(sender.Verified),
		Evidence: []string{}, Selectors: []senderSelectorModel{},
	}
	for _, e := range sender.Evidence {
		model.Evidence = append(model.Evidence, string(e))
	}
	for _, s := range sender.Selectors {
		model.Selectors = append(model.Selectors, senderSelectorModel{
			Selector: types.StringValue(s.Name), Type: types.StringValue(string(s.Form)), Fixed: types.BoolValue(s.Fixed), Targets: some(s.Targets),
		})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// some is a list that is empty where there is none.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
