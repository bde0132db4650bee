package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	document "github.com/launchready/terraform-provider-launchready/internal/handover"
)

func handoverAttributes() map[string]schema.Attribute {
	support := supportCheckAttributes()
	required := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: []validator.String{notBlank()}}
	}
	keyed := func(description string, fields map[string]schema.Attribute) schema.MapNestedAttribute {
		return schema.MapNestedAttribute{
			Optional: true, MarkdownDescription: description, NestedObject: schema.NestedAttributeObject{Attributes: fields},
			Validators: []validator.Map{mapvalidator.KeysAre(notBlank())},
		}
	}
	what := func(of string) schema.StringAttribute {
		return optionalAttribute("What it is, in words. Default: the key, as words. " + of)
	}
	return map[string]schema.Attribute{
		"client":    optionalAttribute("Name of the client, as a heading. Default: what the scorecard is about."),
		"portal":    optionalAttribute("Address of the portal."),
		"scorecard": optionalAttribute("What was verified: the attribute `json` of `launchready_scorecard`, or the text of a report file that ends in `.json`."),
		"built": schema.MapNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What was built, by part: `dns`, `email`, `tls`, `edge`, `monitoring`, or names of your own. The modules of this provider have an output `built` of this form.",
			NestedObject:        schema.NestedAttributeObject{Attributes: handoverPartAttributes()},
			Validators:          []validator.Map{mapvalidator.KeysAre(notBlank())},
		},
		"owners": keyed("Who answers for what, by a key of your choice such as `registrar`, `hosting` or `mail`.", map[string]schema.Attribute{
			"what":    what("Such as `Domain at the registrar`."),
			"owner":   required("Person or team."),
			"contact": optionalAttribute("How they are reached."),
			"note":    optionalAttribute("Anything else, such as what the contract says."),
		}),
		"credentials": keyed("Where credentials are kept, by a key of your choice such as `cloudflare_token`. Never their values: a text that looks like one is refused.", map[string]schema.Attribute{
			"what":              what("Such as `API token of Cloudflare`."),
			"place":             required("Where it is kept, such as `1Password, vault Acme, item Cloudflare`, or an address there."),
			"owner":             optionalAttribute("Who may give access to it."),
			"used_by":           optionalAttribute("What uses it, such as `Terraform in CI`."),
			"rotated":           optionalAttribute("Day on which it was last changed, such as `2026-11-02`.", isDate{}),
			"rotate_every_days": schema.Int64Attribute{Optional: true, MarkdownDescription: "Days after which it is to be changed again. With `rotated` it makes a review with a day.", Validators: []validator.Int64{int64validator.Between(1, 3650)}},
		}),
		"reviews": keyed("What must be looked at again beside what follows from the rest; or, by an id of `next_reviews` such as `dmarc`, `dkim` or `runbook`, the day and the owner of that one.", map[string]schema.Attribute{
			"what":  what("Such as `Renew the contract of the mail service`."),
			"due":   optionalAttribute("Day, such as `2027-01-31`.", isDate{}),
			"owner": optionalAttribute("Who does it."),
		}),
		"runbook": optionalAttribute("The runbook: path of a Markdown file, or of a folder whose Markdown files are read, such as `${path.module}/runbook`; the text itself; or an address, which is named and not asked for. " +
			"Of each topic the document shows owner, contact, time and steps."),
		"runbook_review_days": schema.Int64Attribute{Optional: true, MarkdownDescription: "Days between two reviews of the runbook. Default: 90.", Validators: []validator.Int64{int64validator.Between(1, 3650)}},
		"topics":              support["topics"],
		"words":               support["words"],
		"waivers":             waiversAttribute(),
		"attestations": schema.ListNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Answers of people to what no probe can see, as `launchready_scorecard` has them. Default: those that the scorecard shows.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"rule":      required("Id of an attestable rule."),
				"statement": required("What is stated."),
				"owner":     required("Who states it."),
				"evidence":  required("Address of the evidence."),
				"expires":   schema.StringAttribute{Required: true, MarkdownDescription: "Last day on which it counts, such as `2027-06-30`.", Validators: []validator.String{isDate{}}},
			}},
		},
		"certificates": schema.MapAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: "Last days of certificates, such as `2027-02-01`, by host.",
			Validators: []validator.Map{mapvalidator.ValueStringsAre(isDate{})},
		},
		"files": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Files to write the document to; the ending chooses the form: `" + strings.ReplaceAll(document.Endings(), ", ", "` or `") + "`. They say when they were written; the attributes do not.",
			Validators:          []validator.List{listvalidator.UniqueValues(), listvalidator.ValueStringsAre(notBlank())},
		},
		"html":     schema.StringAttribute{Computed: true, MarkdownDescription: "The document as one HTML file without external resources."},
		"markdown": schema.StringAttribute{Computed: true, MarkdownDescription: "The document as Markdown."},
		"next_reviews": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "What must be looked at next, earliest first; what has no day comes last. It follows from waivers, attestations, certificates, the DMARC policy, DKIM keys, the runbook and credentials.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"id":    schema.StringAttribute{Computed: true, MarkdownDescription: "Id, such as `dmarc`, `credential:cloudflare_token` or `waiver:<rule>:<subject>`."},
				"what":  schema.StringAttribute{Computed: true, MarkdownDescription: "What is to be done."},
				"due":   schema.StringAttribute{Computed: true, MarkdownDescription: "Day; null where none is agreed."},
				"owner": schema.StringAttribute{Computed: true, MarkdownDescription: "Who does it; null where nobody is named."},
			}},
		},
		"missing": schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "What a handover should say and this one does not. A `postcondition` on it holds back a handover that is not complete."},
	}
}

func handoverPartAttributes() map[string]schema.Attribute {
	keyed := func(description string, fields map[string]schema.Attribute) schema.MapNestedAttribute {
		return schema.MapNestedAttribute{Optional: true, MarkdownDescription: description, NestedObject: schema.NestedAttributeObject{Attributes: fields}}
	}
	// Computed values of others flow in here, which may well be empty.
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	required := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: validators}
	}
	return map[string]schema.Attribute{
		"title": text("Heading. Default: the key, as words."),
		"records": keyed("DNS records, by a key of your choice.", map[string]schema.Attribute{
			"name":    required("Full name."),
			"type":    required("Type, such as `TXT`.", stringvalidator.LengthAtLeast(1)),
			"content": text("Content as in a zone file."),
			"proxied": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether Cloudflare answers in its place. Default: `false`."},
			"purpose": text("What it is for."),
		}),
		"settings": schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Settings in words: the name of each, and its value."},
		"rules": keyed("Rules of the edge, by a key of your choice.", map[string]schema.Attribute{
			"kind":       required("What it is a rule of, such as `firewall` or `rate limit`."),
			"name":       text("Name. Default: the key."),
			"expression": text("Where it holds, as an expression of Cloudflare's or in words."),
			"action":     text("What it does there."),
		}),
		"monitors": keyed("Monitors, by their names.", map[string]schema.Attribute{
			"url":      required("Address that is watched."),
			"service":  text("Service that watches."),
			"interval": text("Time between two requests."),
		}),
		"alerts": keyed("Alerts, by their names.", map[string]schema.Attribute{
			"kind": text("What it tells of."),
			"to":   schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Whom it tells."},
		}),
		"limits": schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "What this part does not do, and what that costs."},
	}
}
