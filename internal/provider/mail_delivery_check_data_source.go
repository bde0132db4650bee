package provider

import (
	"context"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/maildelivery"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/message"
)

type mailDeliveryCheckModel struct {
	onceFrame
	Mailbox          types.String      `tfsdk:"mailbox"`
	Trigger          *mailTriggerModel `tfsdk:"trigger"`
	Within           types.String      `tfsdk:"within"`
	FromDomain       types.String      `tfsdk:"from_domain"`
	LinkHosts        types.List        `tfsdk:"link_hosts"`
	DKIMSelectors    types.List        `tfsdk:"dkim_selectors"`
	TrustedReceivers types.List        `tfsdk:"trusted_receivers"`
	Bounce           *mailBounceModel  `tfsdk:"bounce"`
}

type mailTriggerModel struct {
	Request *mailRequestModel    `tfsdk:"request"`
	SMTP    *mailSubmissionModel `tfsdk:"smtp"`
}

type mailRequestModel struct {
	Method   types.String `tfsdk:"method"`
	URL      types.String `tfsdk:"url"`
	Path     types.String `tfsdk:"path"`
	Headers  types.Map    `tfsdk:"headers"`
	Body     types.String `tfsdk:"body"`
	Identity types.String `tfsdk:"identity"`
}

type mailSubmissionModel struct {
	Account types.String `tfsdk:"account"`
	From    types.String `tfsdk:"from"`
	Subject types.String `tfsdk:"subject"`
}

type mailBounceModel struct {
	Recipient types.String      `tfsdk:"recipient"`
	Trigger   *mailTriggerModel `tfsdk:"trigger"`
	Mailbox   types.String      `tfsdk:"mailbox"`
	Request   *mailPollModel    `tfsdk:"request"`
	Within    types.String      `tfsdk:"within"`
}

type mailPollModel struct {
	URL      types.String `tfsdk:"url"`
	Path     types.String `tfsdk:"path"`
	Identity types.String `tfsdk:"identity"`
	Contains types.String `tfsdk:"contains"`
}

func mailDeliveryCheck() registration {
	return register(checkSource[mailDeliveryCheckModel, *mailDeliveryCheckModel, maildelivery.Spec]{
		definition: maildelivery.Definition,
		attributes: mailDeliveryCheckAttributes,
		spec:       mailDeliveryCheckSpec,
		complete:   completeMailDelivery,
		// The hosts depend on the provider block: completeMailDelivery checks their scope.
		hosts: func(*mailDeliveryCheckModel) map[string]path.Path { return nil },
	})
}

// mailDeliveryCheckSpec reads what the configuration says by itself.
func mailDeliveryCheckSpec(_ context.Context, m *mailDeliveryCheckModel) (maildelivery.Spec, diag.Diagnostics) {
	spec := maildelivery.Spec{
		Disabled:   !m.Enabled.IsNull() && !m.Enabled.ValueBool(),
		Within:     durationOf(m.Within),
		FromDomain: m.FromDomain.ValueString(),
	}
	spec.LinkHosts, _ = stringsOf(m.LinkHosts)
	spec.DKIMSelectors, _ = stringsOf(m.DKIMSelectors)
	spec.TrustedReceivers, _ = stringsOf(m.TrustedReceivers)
	return spec, nil
}

// durationOf reads a duration whose form its validator has judged; 0 if it is missing.
func durationOf(v types.String) time.Duration {
	d, _ := time.ParseDuration(v.ValueString())
	return d
}

// completeMailDelivery finds the accounts, identities and addresses, and judges
// what can be judged before anything is sent.
func completeMailDelivery(ctx context.Context, s *shared, m *mailDeliveryCheckModel, spec *maildelivery.Spec) diag.Diagnostics {
	r := requestArguments{ctx: ctx, shared: s}
	spec.Mailbox = r.reading(m.Mailbox.ValueString(), path.Root("mailbox"))
	spec.Trigger = r.trigger(m.Trigger, path.Root("trigger"))
	if spec.FromDomain == "" {
		spec.FromDomain = defaultFromDomain(spec.Trigger)
	}
	if b := m.Bounce; b != nil {
		at := path.Root("bounce")
		bounce := &maildelivery.Bounce{Recipient: b.Recipient.ValueString(), Within: durationOf(b.Within)}
		if b.Trigger != nil {
			t := r.trigger(b.Trigger, at.AtName("trigger"))
			bounce.Trigger = &t
		}
		if !b.Mailbox.IsNull() {
			box := r.reading(b.Mailbox.ValueString(), at.AtName("mailbox"))
			bounce.Mailbox = &box
		}
		if p := b.Request; p != nil {
			bounce.Request = &maildelivery.Poll{
				URL:      r.url(p.URL, p.Path, at.AtName("request")),
				Header:   r.identity(p.Identity, at.AtName("request").AtName("identity")),
				Contains: p.Contains.ValueString(),
			}
		}
		if !r.diags.HasError() {
			if err := maildelivery.CheckRecipient(bounce.Recipient, spec.FromDomain); err != nil {
				r.diags.AddAttributeError(at.AtName("recipient"), "No bounce may be provoked there", fmt.Sprintf("%s: %s", at.AtName("recipient"), sentence(err)))
			}
		}
		spec.Bounce = bounce
	}
	if !r.diags.HasError() {
		if err := spec.Validate(); err != nil {
			r.diags.AddAttributeError(path.Root("trigger"), "Delivery test not possible", sentence(err))
		}
	}
	return r.diags
}

// defaultFromDomain is the sender's domain where the check writes the message
// itself, else the organisation that the product's host belongs to.
func defaultFromDomain(t maildelivery.Trigger) string {
	switch {
	case t.SMTP != nil:
		return message.DomainOf(t.SMTP.From)
	case t.Request != nil:
		if u, err := url.Parse(t.Request.URL); err == nil && u.Hostname() != "" {
			return dmarc.OrganizationalDomain(u.Hostname())
		}
	}
	return ""
}

// reading is a mailbox to be read.
func (r *requestArguments) reading(name string, at path.Path) maildelivery.Mailbox {
	box, diags := r.shared.mailbox(name, "imap", at)
	r.diags.Append(diags...)
	if !diags.HasError() && !strings.Contains(box.address(), "@") {
		r.diags.AddAttributeError(at, "Mailbox without address",
			fmt.Sprintf("%s is %q, whose user name is not an address: set mailboxes[%q].address in provider \"launchready\" (or LAUNCHREADY_MAILBOXES).", at, name, name))
	}
	return maildelivery.Mailbox{Account: box.account(box.IMAP), Address: box.address()}
}

func (r *requestArguments) trigger(m *mailTriggerModel, at path.Path) maildelivery.Trigger {
	var out maildelivery.Trigger
	if m == nil {
		return out
	}
	if q := m.Request; q != nil {
		at := at.AtName("request")
		header := r.identity(q.Identity, at.AtName("identity"))
		r.addHeaders(header, q.Headers, at.AtName("headers"))
		out.Request = &maildelivery.Request{Method: q.Method.ValueString(), URL: r.url(q.URL, q.Path, at), Header: header, Body: q.Body.ValueString()}
	}
	if q := m.SMTP; q != nil {
		at := at.AtName("smtp")
		box, diags := r.shared.mailbox(q.Account.ValueString(), "smtp", at.AtName("account"))
		r.diags.Append(diags...)
		out.SMTP = &maildelivery.Submission{Account: box.account(box.SMTP), From: q.From.ValueString(), Subject: q.Subject.ValueString()}
		if from, err := mail.ParseAddress(out.SMTP.From); err != nil || from.Address != out.SMTP.From {
			r.diags.AddAttributeError(at.AtName("from"), "Not an address", fmt.Sprintf("%s is %q; write an address such as portal@acme.example.", at.AtName("from"), out.SMTP.From))
		}
	}
	return out
}
