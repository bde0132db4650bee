package provider

import (
	"context"
	"fmt"
	"net/http"
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
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

type mailDeliveryCheckModel struct {
	onceFrame
	Enabled          types.Bool        `tfsdk:"enabled"`
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
	r := mailArguments{ctx: ctx, shared: s}
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

// mailArguments reads arguments that refer to the provider block.
type mailArguments struct {
	ctx    context.Context
	shared *shared
	diags  diag.Diagnostics
}

// reading is a mailbox to be read.
func (r *mailArguments) reading(name string, at path.Path) maildelivery.Mailbox {
	box, diags := r.shared.mailbox(name, "imap", at)
	r.diags.Append(diags...)
	if !diags.HasError() && !strings.Contains(box.address(), "@") {
		r.diags.AddAttributeError(at, "Mailbox without address",
			fmt.Sprintf("%s is %q, whose user name is not an address: set mailboxes[%q].address in provider \"launchready\" (or LAUNCHREADY_MAILBOXES).", at, name, name))
	}
	return maildelivery.Mailbox{Account: box.account(box.IMAP), Address: box.address()}
}

func (r *mailArguments) trigger(m *mailTriggerModel, at path.Path) maildelivery.Trigger {
	var out maildelivery.Trigger
	if m == nil {
		return out
	}
	if q := m.Request; q != nil {
		at := at.AtName("request")
		header := r.identity(q.Identity, at.AtName("identity"))
		var own map[string]string
		r.diags.Append(q.Headers.ElementsAs(r.ctx, &own, false)...)
		for name, value := range own {
			if isCredentialHeader(name) {
				r.diags.AddAttributeError(at.AtName("headers").AtMapKey(name), "Credentials do not belong here",
					fmt.Sprintf("What a data source is given stands in the state. Put the header %s into an identity of provider \"launchready\" and name it in identity.", name))
			}
			header.Set(name, value)
		}
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

// url is an address as written, or a path on the portal. Requests may go only
// where active probes may.
func (r *mailArguments) url(address, onPortal types.String, at path.Path) string {
	out, here := address.ValueString(), at.AtName("url")
	if !onPortal.IsNull() {
		here = at.AtName("path")
		if arg := r.shared.waitsFor("portal"); arg != "" {
			r.diags.AddAttributeError(here, "The portal is not known yet", fmt.Sprintf("The argument %s of provider \"launchready\" depends on a value that is known only after apply.", arg))
			return ""
		}
		base, _ := r.shared.settings.portal.Attributes()["base_url"].(types.String)
		if base.IsUnknown() || r.shared.settings.portal.IsUnknown() {
			r.diags.AddAttributeError(here, "The portal is not known yet", "portal.base_url of provider \"launchready\" depends on a value that is known only after apply: give this data source depends_on what makes it, so that it is read after that.")
			return ""
		}
		if base.ValueString() == "" {
			r.diags.AddAttributeError(here, "No portal", fmt.Sprintf("%s needs portal.base_url in provider \"launchready\"; or write the whole address in url.", here))
			return ""
		}
		out = strings.TrimSuffix(base.ValueString(), "/") + onPortal.ValueString()
	}
	u, err := url.Parse(strings.NewReplacer("{{recipient}}", "x", "{{address}}", "x").Replace(out))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		r.diags.AddAttributeError(here, "Not an address", fmt.Sprintf("%s is %q; write an address such as https://portal.acme.example/api/password-reset.", here, out))
		return ""
	}
	if err := r.shared.prober.InScope(u.Hostname(), probe.Active); err != nil {
		r.diags.AddAttributeError(here, "Host out of scope", err.Error())
	}
	return out
}

// identity turns a named identity into headers, of its session if it signs in.
func (r *mailArguments) identity(name types.String, at path.Path) http.Header {
	header, diags := r.shared.identityHeaders(r.ctx, name, at)
	r.diags.Append(diags...)
	return header
}

func isCredentialHeader(name string) bool {
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization", "cookie", "x-api-key":
		return true
	}
	return false
}
