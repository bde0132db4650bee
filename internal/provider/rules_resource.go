package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

// rulesResource makes a resource of a kind of rules.
type rulesResource[M any, P rulesModel[M]] struct {
	kind   rulesKind
	shared *shared
}

func (r *rulesResource[M, P]) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_zone_" + r.kind.name
}

func (r *rulesResource[M, P]) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := withRulesFrame(r.kind.attributes, r.kind.position)
	for _, s := range r.kind.settings {
		attributes[s.attribute] = s.schema
	}
	if len(r.kind.settings) > 0 {
		attributes[priorAttribute] = priorSchema()
	}
	resp.Schema = schema.Schema{MarkdownDescription: r.kind.doc, Attributes: attributes}
}

func (r *rulesResource[M, P]) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.shared, _ = req.ProviderData.(*shared)
}

// ValidateConfig says what can be right on no plan of Cloudflare's.
func (r *rulesResource[M, P]) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	if !req.Config.Raw.IsFullyKnown() {
		return // judged when it is
	}
	model := P(new(M))
	resp.Diagnostics.Append(req.Config.Get(ctx, model)...)
	if !resp.Diagnostics.HasError() {
		addProblems(&resp.Diagnostics, "Cannot be declared so", model.problems(""))
	}
}

func addProblems(diags *diag.Diagnostics, summary string, problems []edgerules.Problem) {
	for _, p := range problems {
		at := asPath(p.At)
		if len(at.Steps()) == 0 {
			diags.AddError(summary, upperFirst(p.Reason)+".")
			continue
		}
		diags.AddAttributeError(at, summary, fmt.Sprintf("%s: %s.", at, p.Reason))
	}
}

func (r *rulesResource[M, P]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx = r.shared.logging(ctx)
	r.write(ctx, req.Plan, nil, &resp.State, &resp.Diagnostics)
}

func (r *rulesResource[M, P]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx = r.shared.logging(ctx)
	r.write(ctx, req.Plan, &req.State, &resp.State, &resp.Diagnostics)
}

// write brings rules and settings to where the plan wants them. What fails in one
// phase stops no other: the state then says of it what was there before.
func (r *rulesResource[M, P]) write(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State, out *tfsdk.State, diags *diag.Diagnostics) {
	client, zone, ok := findZone(ctx, r.shared, plan, diags)
	model := P(new(M))
	diags.Append(plan.Get(ctx, model)...)
	if !ok || diags.HasError() {
		return
	}
	frame := model.rules()
	var held rulesFrame
	if state != nil {
		diags.Append(state.GetAttribute(ctx, path.Root("deployed_rules"), &held.Deployed)...)
		diags.Append(state.GetAttribute(ctx, path.Root("position"), &held.Position)...)
	}
	before := fromDeployed(ctx, held.Deployed, diags)
	moved := !held.Position.Equal(frame.Position)
	owner := r.kind.owner(frame)
	compiled := model.compile(zone.Plan, owner)
	if state == nil {
		if !r.free(ctx, client, zone, owner, compiled, diags) {
			return
		}
		r.shared.records.write(rulesKey(zone.ID, r.kind.name, owner.Name), true)
	}
	frame.ID = types.StringValue(zone.ID + "/" + frame.Name.ValueString())
	var deployed []edgerules.PhaseRules
	written, refused := 0, 0
	for _, p := range compiled {
		claim := ruleset.Claim{Owner: owner, Position: ruleset.Position(frame.Position.ValueString()), Rules: p.Rules}
		if (len(p.Rules) > 0 || len(before[p.Phase]) > 0) && (moved || !claim.Holds(before[p.Phase])) {
			written++
			if _, err := client.PutRules(ctx, zone.ID, p.Phase, claim); err != nil {
				if isRefusal(err) {
					refused++
				}
				addRulesError(diags, fmt.Sprintf("write the rules of %s in zone %s", p.Phase, zone.Name), owner, p.Rules, err)
				p.Rules = before[p.Phase]
			}
		}
		deployed = append(deployed, p)
	}
	if refused > 0 && refused == written && len(r.kind.settings) == 0 {
		return // nothing was changed: the state stays what it is, or none
	}
	frame.Deployed = toDeployed(ctx, deployed, diags)
	diags.Append(out.Set(ctx, model)...)
	r.writeSettings(ctx, client, zone, plan, state, out, diags)
	r.shared.prober.Flush()
}

// isRefusal reports a write that Cloudflare decided against.
func isRefusal(err error) bool {
	var e *cloudflare.Error
	return errors.As(err, &e) && e.Status >= 400 && !e.Retryable
}

// free makes sure that a new resource takes nobody's rules: those of its name
// that are there already belong to another state, unless this one gives them up.
func (r *rulesResource[M, P]) free(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, owner ruleset.Owner, compiled []edgerules.PhaseRules, diags *diag.Diagnostics) bool {
	for _, p := range compiled {
		if len(p.Rules) == 0 {
			continue
		}
		current, err := client.EntryPoint(ctx, zone.ID, p.Phase)
		if err != nil {
			continue // the write says so
		}
		if there := owner.Of(current.Rules); len(there) > 0 && !r.mayTake(zone, owner) {
			addTaken(diags, r.kind, zone, owner, p.Phase, there)
			return false
		}
	}
	return true
}

func addTaken(diags *diag.Diagnostics, kind rulesKind, zone cloudflare.Zone, owner ruleset.Owner, phase ruleset.Phase, there []ruleset.Rule) {
	diags.AddAttributeError(path.Root("name"), "Rules of this name are there already", fmt.Sprintf(
		"Zone %s has rules of a launchready_zone_%s named %q in phase %s (%d, such as %s), and this state does not hold them. "+
			"Import them by the id %q, or choose another name. (A replacement with create_before_destroy is applied in one run, without a saved plan.)", zone.Name, kind.name, owner.Name, phase, len(there), there[0].Ref, zone.Name+"/"+owner.Name))
}

// addRulesError reports a refusal, and the rule of ours that it is about.
func addRulesError(diags *diag.Diagnostics, doing string, owner ruleset.Owner, rules []ruleset.Rule, err error) {
	var apiError *cloudflare.Error
	if errors.As(err, &apiError) {
		for _, r := range rules {
			if key, ok := owner.Key(r.Ref); ok && r.Ref == apiError.Rule {
				err = fmt.Errorf("%w\n\nThe rule is %s, whose expression is:\n  %s", err, key, r.Expression)
			}
		}
	}
	addAPIError(diags, path.Empty(), doing, err)
}

func (r *rulesResource[M, P]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	if r.shared.refresher("the rules are taken to be as they were", &resp.Diagnostics) == nil {
		return
	}
	client, zone, ok := findZone(ctx, r.shared, req.State, &resp.Diagnostics)
	model := P(new(M))
	resp.Diagnostics.Append(req.State.Get(ctx, model)...)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	frame := model.rules()
	var now []edgerules.PhaseRules
	for _, phase := range r.owned(ctx, model, zone.Plan, &resp.Diagnostics) {
		current, err := client.EntryPoint(ctx, zone.ID, phase)
		if err != nil {
			addAPIError(&resp.Diagnostics, path.Empty(), fmt.Sprintf("read the rules of %s in zone %s", phase, zone.Name), err)
			return
		}
		now = append(now, edgerules.PhaseRules{Phase: phase, Rules: r.kind.owner(frame).Of(current.Rules)})
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("deployed_rules"), toDeployed(ctx, now, &resp.Diagnostics))...)
	readSettingsInto(ctx, client, zone, r.kind.settings, req.State, &resp.State, &resp.Diagnostics)
}

// owned are the phases that the resource has rules in, or should have.
func (r *rulesResource[M, P]) owned(ctx context.Context, model P, plan string, diags *diag.Diagnostics) []ruleset.Phase {
	held := fromDeployed(ctx, model.rules().Deployed, diags)
	wanted := map[ruleset.Phase]bool{}
	for _, p := range model.compile(plan, r.kind.owner(model.rules())) {
		wanted[p.Phase] = len(p.Rules) > 0
	}
	return slices.DeleteFunc(slices.Clone(r.kind.phases), func(p ruleset.Phase) bool { return len(held[p]) == 0 && !wanted[p] })
}

// Delete takes the owner's rules away and leaves those of others.
func (r *rulesResource[M, P]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx = r.shared.logging(ctx)
	client, zone, ok := findZone(ctx, r.shared, req.State, &resp.Diagnostics)
	model := P(new(M))
	resp.Diagnostics.Append(req.State.Get(ctx, model)...)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	owner := r.kind.owner(model.rules())
	if r.shared.records.wrote(rulesKey(zone.ID, r.kind.name, owner.Name)) {
		return // what takes its place was made first, and has the rules now
	}
	for _, phase := range r.owned(ctx, model, zone.Plan, &resp.Diagnostics) {
		if _, err := client.PutRules(ctx, zone.ID, phase, ruleset.Claim{Owner: owner, Position: ruleset.First}); err != nil {
			addRulesError(&resp.Diagnostics, fmt.Sprintf("delete our rules of %s in zone %s", phase, zone.Name), owner, nil, err)
		}
	}
	if len(r.kind.settings) > 0 {
		w := settingWriter{client: client, zone: zone, settings: r.kind.settings, prior: readPrior(ctx, req.State, &resp.Diagnostics)}
		w.restoreAll(ctx, &resp.Diagnostics)
	}
	r.shared.prober.Flush()
}

// ImportState takes a zone's name or id, and the name of the rules after a slash
// where it is not the default.
func (r *rulesResource[M, P]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ctx = r.shared.logging(ctx)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	wanted, name, named := strings.Cut(req.ID, "/")
	if !named {
		name = defaultRulesName
	}
	zone, err := client.Zone(ctx, wanted)
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), "find zone "+wanted, err)
		return
	}
	model := P(new(M))
	frame := model.rules()
	frame.Zone, frame.Name, frame.ID = types.StringValue(wanted), types.StringValue(name), types.StringValue(zone.ID+"/"+name)
	frame.Position = types.StringValue(string(r.kind.position))
	owner := r.kind.owner(frame)
	var found []edgerules.PhaseRules
	rules := map[ruleset.Phase][]ruleset.Rule{}
	for _, phase := range r.kind.phases {
		current, err := client.EntryPoint(ctx, zone.ID, phase)
		if err != nil {
			addAPIError(&resp.Diagnostics, path.Empty(), fmt.Sprintf("read the rules of %s in zone %s", phase, zone.Name), err)
			return
		}
		rules[phase] = owner.Of(current.Rules)
		found = append(found, edgerules.PhaseRules{Phase: phase, Rules: rules[phase]})
		if where, told := ruleset.PositionOf(owner, current.Rules); told {
			frame.Position = types.StringValue(string(where))
		}
	}
	frame.Deployed = toDeployed(ctx, found, &resp.Diagnostics)
	if len(frame.Deployed.Elements()) == 0 && len(r.kind.settings) == 0 {
		resp.Diagnostics.AddError("Nothing to import", fmt.Sprintf("Zone %s has no rules of a launchready_zone_%s named %q. Rules that others have made stay theirs: declare yours, and they are made beside them. "+
			"Rules of another name are imported by \"%s/NAME\".", zone.Name, r.kind.name, name, wanted))
		return
	}
	model.read(ctx, owner, rules)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	importSettings(ctx, client, zone, r.kind.settings, &resp.State, &resp.Diagnostics)
}
