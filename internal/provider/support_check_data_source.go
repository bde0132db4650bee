package provider

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/supportcheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

type supportCheckModel struct {
	checkFrame
	Runbook       types.String       `tfsdk:"runbook"`
	Topics        types.Map          `tfsdk:"topics"`
	Words         *wordsModel        `tfsdk:"words"`
	MaximumAge    types.String       `tfsdk:"maximum_age"`
	MinimumLevels types.Int64        `tfsdk:"minimum_levels"`
	IgnoredHosts  types.List         `tfsdk:"link_hosts_ignored"`
	Recheck       types.String       `tfsdk:"link_recheck"`
	Drill         *supportDrillModel `tfsdk:"drill"`
	SelfService   types.Map          `tfsdk:"self_service"`
	StatusPage    types.String       `tfsdk:"status_page"`
	SecurityTxt   types.List         `tfsdk:"security_txt_hosts"`
}

type wordsModel struct {
	Owner      types.List `tfsdk:"owner"`
	Contact    types.List `tfsdk:"contact"`
	Steps      types.List `tfsdk:"steps"`
	Time       types.List `tfsdk:"time"`
	Escalate   types.List `tfsdk:"escalate"`
	OutOfHours types.List `tfsdk:"out_of_hours"`
	Review     types.List `tfsdk:"review"`
}

type supportDrillModel struct {
	Statement types.String `tfsdk:"statement"`
	Owner     types.String `tfsdk:"owner"`
	Date      types.String `tfsdk:"date"`
	Evidence  types.String `tfsdk:"evidence"`
}

func supportCheck() registration {
	return register(checkSource[supportCheckModel, *supportCheckModel, supportcheck.Spec]{
		definition: supportcheck.Definition,
		attributes: supportCheckAttributes,
		spec:       supportCheckSpec,
		complete:   completeSupport,
		// Addresses may be paths on the portal of the provider block: completeSupport checks the scope of all.
		hosts: func(*supportCheckModel) map[string]path.Path { return nil },
	})
}

// supportCheckSpec reads what the configuration says by itself.
func supportCheckSpec(_ context.Context, m *supportCheckModel) (supportcheck.Spec, diag.Diagnostics) {
	var diags diag.Diagnostics
	spec := supportcheck.Spec{
		Runbook: m.Runbook.ValueString(), MaximumAge: durationOf(m.MaximumAge), MinimumLevels: int(m.MinimumLevels.ValueInt64()), Recheck: durationOf(m.Recheck),
	}
	spec.IgnoredHosts, _ = stringsOf(m.IgnoredHosts)
	spec.Topics = listsOf(m.Topics)
	spec.Words = m.Words.words()
	if d := m.Drill; d != nil {
		date, _ := time.Parse(time.DateOnly, d.Date.ValueString()) // judged by the attribute's validator
		spec.Drill = &supportcheck.Drill{Statement: d.Statement.ValueString(), Owner: d.Owner.ValueString(), Evidence: d.Evidence.ValueString(), Date: date}
	}
	return spec, diags
}

// words are the user's own words for parts of a section; none, none.
func (w *wordsModel) words() supportcheck.Words {
	var out supportcheck.Words
	if w == nil {
		return out
	}
	for list, into := range map[*types.List]*[]string{
		&w.Owner: &out.Owner, &w.Contact: &out.Contact, &w.Steps: &out.Steps, &w.Time: &out.Time,
		&w.Escalate: &out.Escalate, &w.OutOfHours: &out.OutOfHours, &w.Review: &out.Review,
	} {
		*into, _ = stringsOf(*list)
	}
	return out
}

// listsOf reads a map of lists of texts.
func listsOf(m types.Map) map[string][]string {
	out := map[string][]string{}
	for name, v := range m.Elements() {
		if list, ok := v.(types.List); ok {
			out[name], _ = stringsOf(list)
		}
	}
	return out
}

// completeSupport finds addresses, and whether they may be asked for.
func completeSupport(_ context.Context, s *shared, m *supportCheckModel, spec *supportcheck.Spec) diag.Diagnostics {
	var diags diag.Diagnostics
	inScope := func(host string, at path.Path) {
		if err := s.prober.InScope(host, probe.Passive); err != nil {
			diags.AddAttributeError(at, "Host out of scope", err.Error())
		}
	}
	address := func(text string, at path.Path) string {
		if strings.HasPrefix(text, "/") {
			there, more := s.onPortal(text, at)
			diags.Append(more...)
			text = there
		}
		u, err := url.Parse(text)
		switch {
		case text == "":
		case err != nil || u.Hostname() == "":
			diags.AddAttributeError(at, "Not an address", fmt.Sprintf("%s is no address; write a path such as /reset, or an address such as https://portal.acme.example/reset.", at))
		default:
			inScope(u.Hostname(), at)
		}
		return text
	}
	if u, err := url.Parse(spec.Runbook); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" {
		inScope(u.Hostname(), path.Root("runbook"))
	}
	spec.SelfService = map[string]string{}
	pages := textsOf(m.SelfService)
	for _, name := range sortedKeys(pages) {
		spec.SelfService[name] = address(pages[name], path.Root("self_service").AtMapKey(name))
	}
	if !m.StatusPage.IsNull() {
		spec.StatusPage = address(m.StatusPage.ValueString(), path.Root("status_page"))
	}
	if m.SecurityTxt.IsNull() {
		base, _ := s.settings.portal.Attributes()["base_url"].(types.String)
		if u, err := url.Parse(base.ValueString()); err == nil && u.Hostname() != "" && s.prober.InScope(u.Hostname(), probe.Passive) == nil {
			spec.SecurityTxt = []string{u.Hostname()}
		}
		return diags
	}
	spec.SecurityTxt, _ = stringsOf(m.SecurityTxt)
	for i, host := range spec.SecurityTxt {
		inScope(host, path.Root("security_txt_hosts").AtListIndex(i))
	}
	return diags
}
