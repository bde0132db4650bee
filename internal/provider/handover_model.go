package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/supportcheck"
	document "github.com/launchready/terraform-provider-launchready/internal/handover"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

type handoverModel struct {
	Client       types.String                 `tfsdk:"client"`
	Portal       types.String                 `tfsdk:"portal"`
	Scorecard    types.String                 `tfsdk:"scorecard"`
	Built        map[string]handoverPartModel `tfsdk:"built"`
	Owners       types.Map                    `tfsdk:"owners"`
	Credentials  types.Map                    `tfsdk:"credentials"`
	Reviews      types.Map                    `tfsdk:"reviews"`
	Runbook      types.String                 `tfsdk:"runbook"`
	RunbookDays  types.Int64                  `tfsdk:"runbook_review_days"`
	Topics       types.Map                    `tfsdk:"topics"`
	Words        *wordsModel                  `tfsdk:"words"`
	Waivers      types.List                   `tfsdk:"waivers"`
	Attestations types.List                   `tfsdk:"attestations"`
	Certificates types.Map                    `tfsdk:"certificates"`
	Files        types.List                   `tfsdk:"files"`

	HTML        types.String          `tfsdk:"html"`
	Markdown    types.String          `tfsdk:"markdown"`
	NextReviews []handoverReviewModel `tfsdk:"next_reviews"`
	Missing     []types.String        `tfsdk:"missing"`
}

type handoverPartModel struct {
	Title    types.String                    `tfsdk:"title"`
	Records  map[string]handoverRecordModel  `tfsdk:"records"`
	Settings map[string]types.String         `tfsdk:"settings"`
	Rules    map[string]handoverRuleModel    `tfsdk:"rules"`
	Monitors map[string]handoverMonitorModel `tfsdk:"monitors"`
	Alerts   map[string]handoverAlertModel   `tfsdk:"alerts"`
	Limits   types.List                      `tfsdk:"limits"`
}

type handoverRecordModel struct {
	Name    types.String `tfsdk:"name"`
	Type    types.String `tfsdk:"type"`
	Content types.String `tfsdk:"content"`
	Proxied types.Bool   `tfsdk:"proxied"`
	Purpose types.String `tfsdk:"purpose"`
}

type handoverRuleModel struct {
	Kind       types.String `tfsdk:"kind"`
	Name       types.String `tfsdk:"name"`
	Expression types.String `tfsdk:"expression"`
	Action     types.String `tfsdk:"action"`
}

type handoverMonitorModel struct {
	URL      types.String `tfsdk:"url"`
	Service  types.String `tfsdk:"service"`
	Interval types.String `tfsdk:"interval"`
}

type handoverAlertModel struct {
	Kind types.String `tfsdk:"kind"`
	To   types.List   `tfsdk:"to"`
}

type handoverOwnerModel struct {
	What    types.String `tfsdk:"what"`
	Owner   types.String `tfsdk:"owner"`
	Contact types.String `tfsdk:"contact"`
	Note    types.String `tfsdk:"note"`
}

type handoverCredentialModel struct {
	What    types.String `tfsdk:"what"`
	Place   types.String `tfsdk:"place"`
	Owner   types.String `tfsdk:"owner"`
	UsedBy  types.String `tfsdk:"used_by"`
	Rotated types.String `tfsdk:"rotated"`
	Every   types.Int64  `tfsdk:"rotate_every_days"`
}

type handoverAgreedModel struct {
	What  types.String `tfsdk:"what"`
	Due   types.String `tfsdk:"due"`
	Owner types.String `tfsdk:"owner"`
}

type handoverReviewModel struct {
	ID    types.String `tfsdk:"id"`
	What  types.String `tfsdk:"what"`
	Due   types.String `tfsdk:"due"`
	Owner types.String `tfsdk:"owner"`
}

// input turns the configuration into what the document is made of.
func (m *handoverModel) input(ctx context.Context) (document.Input, diag.Diagnostics) {
	in := document.Input{
		Client: m.Client.ValueString(), Portal: m.Portal.ValueString(), Scorecard: m.Scorecard.ValueString(), RunEvery: int(m.RunbookDays.ValueInt64()),
		Parts: map[string]document.Part{}, Owners: map[string]document.Owner{}, Credentials: map[string]document.Credential{}, Reviews: map[string]document.Review{},
		Certificates: map[string]readiness.Date{},
	}
	var diags, more diag.Diagnostics
	for key, part := range m.Built {
		in.Parts[key] = part.part()
	}
	var owners map[string]handoverOwnerModel
	diags.Append(m.Owners.ElementsAs(ctx, &owners, false)...)
	for key, o := range owners {
		in.Owners[key] = document.Owner{What: o.What.ValueString(), Name: o.Owner.ValueString(), Contact: o.Contact.ValueString(), Note: o.Note.ValueString()}
	}
	var credentials map[string]handoverCredentialModel
	diags.Append(m.Credentials.ElementsAs(ctx, &credentials, false)...)
	for key, c := range credentials {
		rotated, _ := readiness.ParseDate(c.Rotated.ValueString()) // judged by the attribute's validator
		in.Credentials[key] = document.Credential{
			What: c.What.ValueString(), Place: c.Place.ValueString(), Owner: c.Owner.ValueString(), UsedBy: c.UsedBy.ValueString(), Rotated: rotated, Every: int(c.Every.ValueInt64()),
		}
	}
	var agreed map[string]handoverAgreedModel
	diags.Append(m.Reviews.ElementsAs(ctx, &agreed, false)...)
	for id, r := range agreed {
		in.Reviews[id] = document.Review{What: r.What.ValueString(), Due: r.Due.ValueString(), Owner: r.Owner.ValueString()}
	}
	for host, day := range textsOf(m.Certificates) {
		in.Certificates[host], _ = readiness.ParseDate(day)
	}
	in.Waivers, more = readWaivers(ctx, m.Waivers, path.Root("waivers"))
	diags.Append(more...)
	in.Attestations, more = readAttestations(ctx, m.Attestations)
	diags.Append(more...)
	if !m.Runbook.IsNull() && !diags.HasError() {
		var err error
		if in.Runbook, err = m.runbook(ctx); err != nil {
			diags.AddError("Credentials cannot be looked for", err.Error()+"\n\nThis is a fault of the provider: please report it.")
		}
	}
	return in, diags
}

func (m handoverPartModel) part() document.Part {
	p := document.Part{Title: m.Title.ValueString()}
	for _, key := range sortedKeys(m.Records) {
		r := m.Records[key]
		p.Records = append(p.Records, document.Record{
			Name: r.Name.ValueString(), Type: r.Type.ValueString(), Content: r.Content.ValueString(), Proxied: r.Proxied.ValueBool(), Purpose: r.Purpose.ValueString(),
		})
	}
	for _, name := range sortedKeys(m.Settings) {
		p.Settings = append(p.Settings, document.Setting{Name: name, Value: m.Settings[name].ValueString()})
	}
	for _, key := range sortedKeys(m.Rules) {
		r := m.Rules[key]
		name := r.Name.ValueString()
		if name == "" {
			name = key
		}
		p.Rules = append(p.Rules, document.Rule{Kind: r.Kind.ValueString(), Name: name, Expression: r.Expression.ValueString(), Action: r.Action.ValueString()})
	}
	for _, name := range sortedKeys(m.Monitors) {
		one := m.Monitors[name]
		p.Monitors = append(p.Monitors, document.Monitor{Name: name, URL: one.URL.ValueString(), Service: one.Service.ValueString(), Interval: one.Interval.ValueString()})
	}
	for _, name := range sortedKeys(m.Alerts) {
		to, _ := stringsOf(m.Alerts[name].To)
		p.Alerts = append(p.Alerts, document.Alert{Name: name, Kind: m.Alerts[name].Kind.ValueString(), To: to})
	}
	p.Limits, _ = stringsOf(m.Limits)
	return p
}

// book reads the runbook, whose text or place is given; gap is why it cannot be read.
func (m *handoverModel) book(name string) (book runbook.Book, gap string) {
	var err error
	if strings.Contains(name, "\n") {
		book, err = runbook.Parse("runbook.md", []byte(m.Runbook.ValueString()))
	} else {
		book, err = runbook.Read(name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return book, "it is not there"
	case err != nil:
		return book, err.Error()
	}
	return book, ""
}

// runbook reads the runbook as the check support does. What cannot be read is
// said in the document: whether that is a fault is the check's to decide.
func (m *handoverModel) runbook(ctx context.Context) (*document.Runbook, error) {
	name := strings.TrimSpace(m.Runbook.ValueString())
	if strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://") {
		return &document.Runbook{Files: []string{name}}, nil
	}
	book, gap := m.book(name)
	out := &document.Runbook{}
	if gap != "" {
		out.Gaps = []string{"the runbook: " + gap}
		return out, nil
	}
	for _, f := range book.Files {
		out.Files = append(out.Files, f.Name)
	}
	for _, g := range book.Gaps {
		out.Gaps = append(out.Gaps, fmt.Sprintf("%s: %s", g.Name, g.Reason))
	}
	spec := supportcheck.Spec{Topics: listsOf(m.Topics), Words: m.Words.words()}
	sections, reviewed := supportcheck.Outline(book, spec)
	if !reviewed.IsZero() {
		out.Reviewed = reviewed.Format(time.DateOnly)
	}
	for _, s := range sections {
		out.Sections = append(out.Sections, documentSection(s))
	}
	var err error
	out.Sections, err = document.Hide(ctx, out.Sections)
	return out, err
}

func documentSection(s supportcheck.Section) document.Section {
	return document.Section{Topic: s.Topic, Place: s.Place, Owner: s.Owner, Contact: s.Contact, Time: s.Time, Escalate: s.Escalate, Steps: s.Steps}
}
