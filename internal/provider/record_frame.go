package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

const (
	conflictFail  = "fail"
	conflictAdopt = "adopt"
)

// recordFrame is what every resource of one DNS record has around its own
// arguments. The model of such a resource embeds it.
type recordFrame struct {
	ID         types.String `tfsdk:"id"`
	Zone       types.String `tfsdk:"zone"`
	ZoneID     types.String `tfsdk:"zone_id"`
	FQDN       types.String `tfsdk:"fqdn"`
	TTL        types.Int64  `tfsdk:"ttl"`
	Comment    types.String `tfsdk:"comment"`
	OnConflict types.String `tfsdk:"on_conflict"`
}

func (f *recordFrame) frame() *recordFrame { return f }

// recordModel is the model of a resource of one DNS record.
type recordModel[M any] interface {
	*M
	frame() *recordFrame
	// desired builds the record that the arguments ask for, apart from id, TTL
	// and comment. known is false while an argument that it needs is unknown.
	// Diagnostics point at what cannot be used.
	desired(zone string) (record cloudflare.Record, known bool, diags diag.Diagnostics)
	// stored is the record that the state says is in the zone.
	stored() cloudflare.Record
	// observe writes what is in the zone into the arguments, in their own
	// words: after a change by someone else, and on import.
	observe(record cloudflare.Record, zone string)
	// settle writes the record's outputs, leaving the arguments as written.
	settle(record cloudflare.Record)
	// unsettle marks the outputs that a change of the record will change.
	unsettle(record cloudflare.Record)
	// rival says how a record in the zone stands to the desired one.
	rival(existing, desired cloudflare.Record) rivalry
	// once names what may be declared only once in a zone.
	once(desired cloudflare.Record) string
}

// adopter is a model that has a say where it takes a record over: adopting returns
// what to write in its place, and notes in the model what it keeps of it, once. An
// empty record stands for none.
type adopter interface {
	adopting(existing, wanted cloudflare.Record, diags *diag.Diagnostics) cloudflare.Record
}

// rivalry is how a record in the zone stands to a desired one: what
// on_conflict is about.
type rivalry int

const (
	noRival   rivalry = iota // they stand side by side
	inTheWay                 // the desired one cannot or must not stand beside it
	adoptable                // the same, and it can be taken over and set as declared
)

func recordFrameAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed: true, MarkdownDescription: "Id of the record.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"zone": schema.StringAttribute{
			Required: true, MarkdownDescription: "Zone by domain name or by id. A change of zone replaces the record.",
			Validators: []validator.String{notBlank()},
		},
		"zone_id": schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the zone."},
		"fqdn":    schema.StringAttribute{Computed: true, MarkdownDescription: "Full name of the record."},
		"ttl": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(1),
			MarkdownDescription: "Time to live in seconds, 60 to 86400 (30 on Enterprise), or 1 for automatic. Default: 1.",
			Validators:          []validator.Int64{isTTL{}},
		},
		"comment": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Comment, for people. 100 characters on Free, 500 on paid plans.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 500)},
		},
		"on_conflict": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(conflictFail),
			MarkdownDescription: "What to do when creating and the record is already there: `fail`, or `adopt` to take it over and set it as declared. An adopted record is owned from then on: destroying the resource deletes it. Default: `fail`.",
			Validators:          []validator.String{stringvalidator.OneOf(conflictFail, conflictAdopt)},
		},
	}
}

func withRecordFrame(own map[string]schema.Attribute) map[string]schema.Attribute {
	all := recordFrameAttributes()
	maps.Copy(all, own)
	return all
}

// request is the record to send: what the arguments ask for with the frame's parts.
func request[M any, P recordModel[M]](model P, zone string) (cloudflare.Record, bool, diag.Diagnostics) {
	record, known, diags := model.desired(zone)
	f := model.frame()
	if f.TTL.IsUnknown() || f.Comment.IsUnknown() {
		return record, false, diags
	}
	record.ID = f.ID.ValueString()
	record.TTL = f.TTL.ValueInt64()
	record.Comment = f.Comment.ValueString()
	return record, known, diags
}

// current is the record that the state describes, with the frame's parts.
func current[M any, P recordModel[M]](model P) cloudflare.Record {
	record, f := model.stored(), model.frame()
	record.ID, record.Name = f.ID.ValueString(), f.FQDN.ValueString()
	record.TTL, record.Comment = f.TTL.ValueInt64(), f.Comment.ValueString()
	return record
}

// note writes what the zone holds into the frame's parts. The zone's spelling
// is left as the user wrote it.
func (f *recordFrame) note(record cloudflare.Record, zone cloudflare.Zone) {
	f.ID, f.ZoneID, f.FQDN = types.StringValue(record.ID), types.StringValue(zone.ID), types.StringValue(record.Name)
	f.TTL, f.Comment = types.Int64Value(record.TTL), textOf(record.Comment)
	if f.OnConflict.IsNull() || f.OnConflict.IsUnknown() {
		f.OnConflict = types.StringValue(conflictFail)
	}
}

// zoneOf finds the zone that the frame names.
func (f *recordFrame) zoneOf(ctx context.Context, client *cloudflare.Client) (cloudflare.Zone, error) {
	if id := f.ZoneID.ValueString(); id != "" {
		return client.Zone(ctx, id)
	}
	return client.Zone(ctx, f.Zone.ValueString())
}
