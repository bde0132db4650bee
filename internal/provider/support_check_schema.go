package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func supportCheckAttributes() map[string]schema.Attribute {
	words := func(description string) schema.ListAttribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.List{listvalidator.ValueStringsAre(notBlank())},
		}
	}
	required := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: append(validators, notBlank())}
	}
	hosts := func(description string, hosts ...validator.String) schema.ListAttribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.List{listvalidator.ValueStringsAre(append(hosts, notBlank())...)},
		}
	}
	return map[string]schema.Attribute{
		"runbook": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "The runbook: path of a Markdown file, or of a folder whose Markdown files are read, such as `${path.module}/runbook`; the address of a file; or the text itself.",
		},
		"topics": schema.MapAttribute{
			Optional: true, ElementType: types.ListType{ElemType: types.StringType},
			MarkdownDescription: "Further words for the topics `resets`, `refunds`, `invites`, `failed_logins` and `escalation`, such as `{ resets = [\"Passwort*\"] }`, and topics of your own with the words by which their headings are known. " +
				"A word is the beginning of one; `*` stands for any run of characters.",
			Validators: []validator.Map{mapvalidator.KeysAre(notBlank()), mapvalidator.ValueListsAre(listvalidator.ValueStringsAre(notBlank()))},
		},
		"words": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Further words by which the parts of a section are known, for a runbook in a language that the check does not know. It knows English, German, French, Spanish, Italian, Portuguese, Dutch, Polish and the Scandinavian languages. " +
				"A word is the beginning of one.",
			Attributes: map[string]schema.Attribute{
				"owner":        words("Labels of the owner."),
				"contact":      words("Labels of the contact."),
				"steps":        words("Labels of the steps."),
				"time":         words("Units of time that follow a number."),
				"escalate":     words("Words of a line that says when to escalate."),
				"out_of_hours": words("Words of a line about nights and weekends."),
				"review":       words("Labels of the date of the last review."),
			},
		},
		"maximum_age": schema.StringAttribute{
			Optional: true, MarkdownDescription: "How long ago the last review may be, as a duration. Default: `2160h`, 90 days.", Validators: []validator.String{isDuration{}},
		},
		"minimum_levels": schema.Int64Attribute{
			Optional: true, MarkdownDescription: "How many levels the escalation must have. Default: 2.", Validators: []validator.Int64{int64validator.Between(1, 10)},
		},
		"link_hosts_ignored": hosts("Hosts whose links are not asked for, such as `wiki.acme.example`, or `*.acme.example` for all names below one."),
		"link_recheck": schema.StringAttribute{
			Optional: true, MarkdownDescription: "After which time a link that seems dead is asked for again, as a duration. Default: `60s`, spent once a run and only if a link seems dead.", Validators: []validator.String{isDuration{}},
		},
		"drill": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Statement that a person who did not write the runbook has followed each section on staging.",
			Attributes: map[string]schema.Attribute{
				"statement": required("What was done, in a sentence."),
				"owner":     required("Who answers for it."),
				"date":      required("Day of the drill, such as `2026-11-02`, not more than 180 days ago.", isDate{}),
				"evidence":  required("Where it can be seen: an address."),
			},
		},
		"self_service": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Pages by which members help themselves, by what they are for: paths on `portal.base_url` of the provider block, or addresses, such as `{ reset = \"/forgot\", email = \"/account\", cancel = \"/account\" }`.",
			Validators:          []validator.Map{mapvalidator.KeysAre(notBlank()), mapvalidator.ValueStringsAre(isPageAddress{})},
		},
		"status_page": schema.StringAttribute{
			Optional: true, MarkdownDescription: "The status page: an address, or a path on `portal.base_url`.", Validators: []validator.String{isPageAddress{}},
		},
		"security_txt_hosts": hosts("Hosts that must serve `/.well-known/security.txt` (RFC 9116). Default: that of `portal.base_url`; an empty list turns the test off.", isHost{}),
	}
}
