package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func deploymentCheckAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"production": schema.SingleNestedAttribute{
			Optional: true, MarkdownDescription: "Where members use the portal. Default: the portal of the provider block.",
			Attributes: deploySiteAttributes(),
		},
		"expected_version": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Release that production must run, such as `1.4.2` or a commit of at least seven digits. The `v` of a tag does not count.",
			Validators: []validator.String{notBlank()},
		},
	}
}

func deploySiteAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"url":      schema.StringAttribute{Optional: true, MarkdownDescription: "Address, such as `https://portal.acme.example`. Default: `portal.base_url` of the provider block.", Validators: []validator.String{notBlank()}},
		"identity": mailIdentityAttribute(),
		"version":  deployVersionAttribute(),
	}
}

func deployVersionAttribute() schema.SingleNestedAttribute {
	optional := func(description string, more ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: append(more, notBlank())}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Where the release is told. Default: the usual places, such as `/version`, `/healthz`, the header `X-Release` and `<meta name=\"release\">`.",
		Attributes: map[string]schema.Attribute{
			"path":    optional("Path, such as `/version`. Default: `/version` with `pointer`, else `/`.", isPortalPath{}),
			"header":  optional("Name of a header of the answer, such as `X-Release`."),
			"pointer": optional("JSON pointer into the answer, such as `/build/commit`."),
			"meta":    optional("Name of a meta tag of the page, such as `release`."),
		},
	}
}
