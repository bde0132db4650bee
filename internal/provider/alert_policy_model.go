package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

type alertPolicyModel struct {
	alertAccount
	ID           types.String `tfsdk:"id"`
	Name         types.String `tfsdk:"name"`
	Description  types.String `tfsdk:"description"`
	AlertType    types.String `tfsdk:"alert_type"`
	Enabled      types.Bool   `tfsdk:"enabled"`
	Interval     types.String `tfsdk:"interval"`
	Destinations types.Set    `tfsdk:"destinations"`
	Filters      types.Map    `tfsdk:"filters"`
}

func filterType() attr.Type { return types.SetType{ElemType: types.StringType} }

// filters are the declared filters that are known; known tells whether all are.
func (m *alertPolicyModel) filters() (out map[string][]string, known bool) {
	out, known = map[string][]string{}, !m.Filters.IsUnknown()
	for key, v := range m.Filters.Elements() {
		set, ok := v.(types.Set)
		if !ok || set.IsUnknown() || slices.ContainsFunc(set.Elements(), attr.Value.IsUnknown) {
			known = false
			continue
		}
		out[key] = setStrings(set)
	}
	return out, known
}

// desired is the policy that is declared. Zones may be named by domain.
func (m *alertPolicyModel) desired(ctx context.Context, client *cloudflare.Client) (cloudflare.AlertPolicy, error) {
	p := cloudflare.AlertPolicy{
		ID: m.ID.ValueString(), Name: m.Name.ValueString(), Description: m.Description.ValueString(), Enabled: m.Enabled.ValueBool(),
		Type: m.AlertType.ValueString(), Interval: m.Interval.ValueString(), Mechanisms: map[string][]string{}, Filters: map[string][]string{},
	}
	for _, d := range setStrings(m.Destinations) {
		if kind, id, ok := splitDestination(d); ok {
			p.Mechanisms[mechanismOf(kind)] = append(p.Mechanisms[mechanismOf(kind)], id)
		}
	}
	filters, _ := m.filters()
	for key, values := range filters {
		for _, v := range values {
			id, err := filterValue(ctx, client, key, v)
			if err != nil {
				return p, err
			}
			p.Filters[key] = append(p.Filters[key], id)
		}
	}
	return p, nil
}

// filterValue is a value as the API has it: zones by id.
func filterValue(ctx context.Context, client *cloudflare.Client, key, value string) (string, error) {
	if key != "zones" || !strings.Contains(value, ".") {
		return value, nil
	}
	zone, err := client.Zone(ctx, value)
	return zone.ID, err
}

// observe notes what the API shows; what means the same keeps its spelling.
func (m *alertPolicyModel) observe(ctx context.Context, client *cloudflare.Client, p cloudflare.AlertPolicy) {
	m.ID, m.Name, m.AlertType = types.StringValue(p.ID), types.StringValue(p.Name), types.StringValue(p.Type)
	m.Description, m.Enabled = types.StringValue(p.Description), types.BoolValue(p.Enabled)
	if spanOf(m.Interval) != spanOf(types.StringValue(p.Interval)) || m.Interval.IsNull() != (p.Interval == "") {
		m.Interval = textOf(p.Interval)
	}
	declared, _ := m.desired(ctx, client) // a zone that cannot be found differs
	if !sameLists(declared.Mechanisms, p.Mechanisms) {
		var all []attr.Value
		for _, kind := range []string{kindEmail, kindWebhook, kindPagerDuty} {
			for _, id := range p.Mechanisms[mechanismOf(kind)] {
				all = append(all, types.StringValue(kind+":"+id))
			}
		}
		m.Destinations = types.SetValueMust(types.StringType, all)
	}
	if !sameLists(declared.Filters, p.Filters) {
		m.Filters = types.MapNull(filterType())
		if len(p.Filters) > 0 {
			filters := map[string]attr.Value{}
			for key, values := range p.Filters {
				elements := make([]attr.Value, len(values))
				for i, v := range values {
					elements[i] = types.StringValue(v)
				}
				filters[key] = types.SetValueMust(types.StringType, elements)
			}
			m.Filters = types.MapValueMust(filterType(), filters)
		}
	}
}

// sameLists compares lists by key whatever their order; none is as good as empty.
func sameLists(a, b map[string][]string) bool {
	for _, pair := range [][2]map[string][]string{{a, b}, {b, a}} {
		for key := range pair[0] {
			if !sameWords(pair[0][key], pair[1][key]) {
				return false
			}
		}
	}
	return true
}
