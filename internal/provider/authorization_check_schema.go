package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/authzcheck"
)

func authorizationCheckAttributes() map[string]schema.Attribute {
	routes := authorizationRowAttributes(true)
	maps.Copy(routes, map[string]schema.Attribute{
		"method": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Method. Default: `GET`. What changes state is sent only with `allow_writes`.",
			Validators: []validator.String{stringvalidator.OneOf("GET", "POST", "PUT", "PATCH", "DELETE")},
		},
		"path": schema.StringAttribute{
			Required: true, MarkdownDescription: "Path on `portal.base_url` of the provider block, such as `/api/invoices/{id}`. `{name}` stands for a value of `params`, here and in `query`, `headers` and `body`. Ids that are written out are told by their form.",
			Validators: []validator.String{isPortalPath{}},
		},
	})
	return map[string]schema.Attribute{
		"routes": schema.MapNestedAttribute{
			Optional: true, MarkdownDescription: "Routes, by a name of your choice: whose each is, who may use it and who may not.",
			Validators:   []validator.Map{mapvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{Attributes: routes},
		},
		"openapi": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "OpenAPI document, 3.0 or 3.1, as JSON or YAML, 2 MiB at most. Its operations that no route, binding or public path is about are reported. It adds rows by `bindings` alone: it never says who may. Exactly one of `path`, `url` and `content`.",
			Attributes: map[string]schema.Attribute{
				"path":     mailPathAttribute("/api/openapi.json"),
				"url":      mailURLAttribute(),
				"content":  schema.StringAttribute{Optional: true, MarkdownDescription: "The document itself, such as `file(\"openapi.yaml\")`."},
				"identity": schema.StringAttribute{Optional: true, MarkdownDescription: "Identity of the provider block as which it is read. Default: anyone.", Validators: []validator.String{notBlank()}},
			},
			Validators: []validator.Object{exactlyOne{"path", "url", "content"}},
		},
		"bindings": schema.MapNestedAttribute{
			Optional: true, MarkdownDescription: "What the document does not say of its operations, by `operationId` or as `METHOD /path`. Params without a value are taken from the first item of the list before them that the owner reads (`/invoices` for `/invoices/{id}`), else from the document's examples.",
			NestedObject: schema.NestedAttributeObject{Attributes: authorizationRowAttributes(false)},
		},
		"public_paths": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Paths that anyone may read, pages and JSON, such as `/pricing`. Each is searched for what is private; `/help/**` declares all below `/help`, and has `/help` searched.",
			Validators:          []validator.List{listvalidator.ValueStringsAre(isPortalPath{})},
		},
		"public_allow": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "E-mail addresses that public pages may show; `*` stands for any run of characters. Addresses of an office, such as `info@` and `support@`, are allowed anyway.",
			Validators:          []validator.List{listvalidator.ValueStringsAre(notBlank())},
		},
		"allow_writes": schema.BoolAttribute{
			Optional: true, MarkdownDescription: "Whether requests are sent that change state. What is changed is put back. Without it routes that change state are inconclusive. Default: `false`.",
		},
	}
}

// authorizationRowAttributes are those of routes and of bindings.
func authorizationRowAttributes(ownerRequired bool) map[string]schema.Attribute {
	text := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: validators}
	}
	texts := func(description string) schema.ListAttribute {
		return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description, Validators: []validator.List{listvalidator.ValueStringsAre(notBlank())}}
	}
	values := func(description string) schema.MapAttribute {
		return schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	var kinds []string
	for _, k := range authzcheck.Kinds() {
		kinds = append(kinds, string(k))
	}
	headers := values("Headers. They stand in the state, so that headers which authenticate are refused: that is for identities.")
	headers.Sensitive = true
	owner := schema.StringAttribute{
		Optional: !ownerRequired, Required: ownerRequired, Validators: []validator.String{notBlank()},
		MarkdownDescription: "Identity of the provider block that must get the answer: the positive control.",
	}
	if !ownerRequired {
		owner.MarkdownDescription += " Default: the first identity that `allow` names."
	}
	return map[string]schema.Attribute{
		"owner":           owner,
		"params":          values("Values that stand for `{name}`: the owner's ids."),
		"query":           values("Query, by name."),
		"headers":         headers,
		"body":            text("Body: JSON, such as `jsonencode({ id = \"{id}\" })`, or what the header `Content-Type` says. It stands in the state: no secrets."),
		"read_only":       schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether a method other than `GET` changes nothing: a search, a look-up, a query of GraphQL. Default: `false`."},
		"kind":            text("`object` (named by an id), `list` (what is the caller's own) or `function` (for a role). Default: `function` if the owner is an administrator, else by whether there are params.", stringvalidator.OneOf(kinds...)),
		"marker":          text("Text that only the owner's answer holds, such as a word of no meaning in its profile. Default: found, as what the owner alone is shown.", stringvalidator.LengthAtLeast(6)),
		"allow":           texts("Identities and roles who may as well; `anonymous` is anyone."),
		"deny":            texts("Identities and roles who may not; anyone who is not signed in may not either. Default: every identity that is not allowed, administrators only if the owner is one."),
		"own":             schema.MapAttribute{Optional: true, ElementType: types.MapType{ElemType: types.StringType}, MarkdownDescription: "Params of the same route that are another identity's own, by identity, such as `{ member_b = { id = \"5002\" } }`. Found where another route has the same path and another owner."},
		"allow_fields":    texts("Names of fields that its answers may hold although they look as if nobody should be sent them; `email` stands for addresses of other organisations too."),
		"field":           text("Of a route that changes state: the field of `body` that is changed and put back, by name or JSON pointer. Default: the only text of `body`.", notBlank()),
		"read_back":       text("Of a route that changes state: path at which the owner reads the field again. Default: `path`.", isPortalPath{}),
		"mass_assignment": texts("Of a route that changes state: fields that the owner must not be able to set, such as `role`. Each is sent once, read back, and put back if it was stored. Best done as an identity that nobody needs."),
		"create": schema.SingleNestedAttribute{
			Optional: true, MarkdownDescription: "Of a `DELETE`: the `POST` by which the owner makes what may be deleted. Nothing else is ever deleted.",
			Attributes: map[string]schema.Attribute{
				"path":  schema.StringAttribute{Required: true, MarkdownDescription: "Path, such as `/api/messages`.", Validators: []validator.String{isPortalPath{}}},
				"body":  text("Body. `{{canary}}` stands for a word that is new each time."),
				"id":    text("JSON pointer to the new id in the answer. Default: `/id`.", notBlank()),
				"param": text("Name in `path` of the route that the id stands for. Default: `id`.", notBlank()),
			},
		},
	}
}
