package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// priorAttribute holds, for each setting that this resource has written, the
// value from before: what a destroy restores. It is in the state proper, because
// Terraform drops the private state of a tainted object.
const priorAttribute = "previous_settings"

func priorSchema() schema.Attribute {
	return schema.MapAttribute{
		Computed: true, ElementType: types.StringType,
		MarkdownDescription: "Settings as they were before this resource wrote them, as JSON by the setting's id: what a destroy restores.",
	}
}

// settingValues are the arguments that stand for settings, by name.
type settingValues map[string]attr.Value

// attributeGetter is a plan, a state or a configuration.
type attributeGetter interface {
	GetAttribute(context.Context, path.Path, any) diag.Diagnostics
}

func readSettingValues(ctx context.Context, settings []zoneSetting, from attributeGetter, diags *diag.Diagnostics) settingValues {
	out := settingValues{}
	for _, s := range settings {
		switch s.null.(type) {
		case types.String:
			var v types.String
			diags.Append(from.GetAttribute(ctx, path.Root(s.attribute), &v)...)
			out[s.attribute] = v
		case types.Bool:
			var v types.Bool
			diags.Append(from.GetAttribute(ctx, path.Root(s.attribute), &v)...)
			out[s.attribute] = v
		case types.List:
			var v types.List
			diags.Append(from.GetAttribute(ctx, path.Root(s.attribute), &v)...)
			out[s.attribute] = v
		default:
			var v types.Object
			diags.Append(from.GetAttribute(ctx, path.Root(s.attribute), &v)...)
			out[s.attribute] = v
		}
	}
	return out
}

// findZone finds the zone that a plan or state names, and the client to reach it by.
func findZone(ctx context.Context, s *shared, from attributeGetter, diags *diag.Diagnostics) (*cloudflare.Client, cloudflare.Zone, bool) {
	var name, id types.String
	diags.Append(from.GetAttribute(ctx, path.Root("zone"), &name)...)
	diags.Append(from.GetAttribute(ctx, path.Root("id"), &id)...)
	client, more := s.client()
	diags.Append(more...)
	if diags.HasError() {
		return nil, cloudflare.Zone{}, false
	}
	wanted := name.ValueString()
	if wanted == "" {
		wanted = zoneIDOf(id.ValueString())
	}
	zone, err := client.Zone(ctx, wanted)
	if err != nil {
		addAPIError(diags, path.Root("zone"), "find zone "+wanted, err)
		return nil, zone, false
	}
	return client, zone, true
}

// zoneIDOf is the zone in the id of a resource: the id itself, or what stands
// before a slash.
func zoneIDOf(id string) string {
	zone, _, _ := strings.Cut(id, "/")
	return zone
}

// planSettings leaves alone what was imported and never written, and says at plan
// time what the zone's plan does not allow.
func planSettings(ctx context.Context, s *shared, client *cloudflare.Client, zone cloudflare.Zone, settings []zoneSetting, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if len(settings) == 0 {
		return
	}
	plan := readSettingValues(ctx, settings, req.Plan, &resp.Diagnostics)
	state, prior := settingValues{}, map[string]json.RawMessage{}
	if !req.State.Raw.IsNull() {
		var id types.String
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
		if zoneIDOf(id.ValueString()) == zone.ID {
			state = readSettingValues(ctx, settings, req.State, &resp.Diagnostics)
			prior = readPrior(ctx, req.State, &resp.Diagnostics)
		}
	}
	config := readSettingValues(ctx, settings, req.Config, &resp.Diagnostics)
	who, changing := fingerprint(req.Config.Raw), req.State.Raw.IsNull()
	for _, set := range settings {
		planned, held := plan[set.attribute], state[set.attribute]
		at := path.Root(set.attribute)
		if config[set.attribute].IsNull() {
			// Not ours, or no longer. What was imported and never written stays
			// in the state: an import is followed by a plan without a change.
			keep := set.null
			if _, ours := prior[set.id]; !ours && held != nil {
				keep = held
			}
			changing = changing || (held != nil && !keep.Equal(held))
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, at, keep)...)
			continue
		}
		if first, both := s.records.declare(zone.ID+" setting "+set.id, who, !req.State.Raw.IsNull()); !first && !both {
			resp.Diagnostics.AddAttributeError(at, "Setting is declared twice",
				fmt.Sprintf("Two resources of this configuration set %s of %s. Remove it from one of them.", set.attribute, zone.Name))
		}
		changing = changing || held == nil || !planned.Equal(held)
		if !known(planned) || (held != nil && planned.Equal(held)) {
			continue
		}
		setting, err := client.Setting(ctx, zone.ID, set.id)
		if err != nil {
			addAPIError(&resp.Diagnostics, at, fmt.Sprintf("read setting %s of %s", set.id, zone.Name), err)
			continue
		}
		if now, err := set.decode(setting.Value); !setting.Editable && (err != nil || !now.Equal(planned)) {
			resp.Diagnostics.AddAttributeError(at, "Setting cannot be changed on this plan",
				fmt.Sprintf("Cloudflare says that setting %s of %s cannot be changed on the zone's plan (%s). Leave %s out, or move the zone to a plan that has it.", set.id, zone.Name, zone.Plan, set.attribute))
		}
	}
	previous := types.MapUnknown(types.StringType)
	if !changing {
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(priorAttribute), &previous)...)
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(priorAttribute), previous)...)
}

func readSetting(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, s zoneSetting) (attr.Value, error) {
	setting, err := client.Setting(ctx, zone.ID, s.id)
	if err != nil {
		return nil, err
	}
	return s.decode(setting.Value)
}

// readSettingsInto refreshes the arguments that the state holds.
func readSettingsInto(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, settings []zoneSetting, state tfsdk.State, out *tfsdk.State, diags *diag.Diagnostics) {
	held := readSettingValues(ctx, settings, state, diags)
	for _, s := range settings {
		if held[s.attribute].IsNull() {
			continue
		}
		now, err := readSetting(ctx, client, zone, s)
		if err != nil {
			addAPIError(diags, path.Root(s.attribute), fmt.Sprintf("read setting %s of %s", s.id, zone.Name), err)
			continue
		}
		diags.Append(out.SetAttribute(ctx, path.Root(s.attribute), now)...)
	}
}

// importSettings reads every setting. What the configuration then leaves out
// stays as it is.
func importSettings(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, settings []zoneSetting, out *tfsdk.State, diags *diag.Diagnostics) {
	if len(settings) == 0 {
		return
	}
	diags.Append(out.SetAttribute(ctx, path.Root(priorAttribute), map[string]string{})...)
	for _, s := range settings {
		now, err := readSetting(ctx, client, zone, s)
		if err != nil {
			addAPIError(diags, path.Empty(), fmt.Sprintf("read setting %s of %s", s.id, zone.Name), err)
			continue
		}
		diags.Append(out.SetAttribute(ctx, path.Root(s.attribute), now)...)
	}
}
