package provider

import (
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Attributes of the check, in the forms that most have.

func deployText(description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: append(validators, notBlank())}
}

func deployNeeded(description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: append(validators, notBlank())}
}

func deployList(description string, validators ...validator.String) schema.ListAttribute {
	return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description, Validators: []validator.List{listvalidator.ValueStringsAre(append(validators, notBlank())...)}}
}

func deployObject(description string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: description, Attributes: attributes}
}

func isJSONPointer() validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`^/`), "must be a JSON pointer, such as /build/commit")
}

func deploymentCheckAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"production":       deployObject("Where members use the portal. Default: the portal of the provider block.", deployProductionAttributes()),
		"staging":          deployObject("Where a release is tried before. Without it nothing is compared.", deployStagingAttributes()),
		"expected_version": deployText("Release that production must run, such as `1.4.2` or a commit of at least seven digits. The `v` of a tag does not count. Without it `deploy.version_expected` is inconclusive."),
		"rollout_until":    deployText("Until when two releases may answer side by side, such as `2026-12-01T10:00:00Z`.", isTimestamp{}),
		"release_order":    deployList("Releases, oldest first, where their names have no order of their own: commits, such as those of `git log --reverse --format=%H`."),
		"environment":      deployObject("Names of environment variables. Values are kept nowhere.", deployEnvironmentAttributes()),
		"rollback":         deployObject("How the release before is brought back.", deployRollbackAttributes()),
		"alert_link": deployObject("How deploys are tied to alerts: `sink`, `policy` or both.", map[string]schema.Attribute{
			"sink":     deployText("Where each deploy leaves a marker: a key of `sinks` in the provider block."),
			"query":    deployText("What to ask the sink, in its language, such as `deploy_info{version=\"{{release}}\"}`. `{{release}}` stands for the release that production runs.", stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("sink"))),
			"contains": deployText("Text of the marker, such as `deployed {{release}}`. Default: `{{release}}`.", stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("sink"))),
			"policy":   deployText("Name of an alert policy that tells of deploys."),
		}),
		"drift_plan": deployText("File that CI has made of a plan of the edge: `terraform show -json tfplan > plan.json`. It must change nothing and be no older than 7 days."),
	}
}

func deployPlaceAttributes(identity string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"identity": deployText(identity),
		"version": deployObject("Where the release is told. Default: `portal.version` of the provider block, for its portal; else the usual places, such as `/version`, `/healthz`, the header `X-Release` and `<meta name=\"release\">`.", map[string]schema.Attribute{
			"path":    deployText("Path, such as `/version`. Default: `/version` with `pointer`, else `/`.", isPortalPath{}),
			"header":  deployText("Name of a header of the answer, such as `X-Release`.", stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("pointer"), path.MatchRelative().AtParent().AtName("meta"))),
			"pointer": deployText("JSON pointer into the answer, such as `/build/commit`.", isJSONPointer(), stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("meta"))),
			"meta":    deployText("Name of a meta tag of the page, such as `release`."),
		}),
		"health":    deployText("Path that says whether the process lives. Default: the usual ones, such as `/healthz`.", isPortalPath{}),
		"readiness": deployText("Path that says whether the portal can do its work, with what it depends on. Default: the usual ones, such as `/readyz`.", isPortalPath{}),
	}
}

func deployProductionAttributes() map[string]schema.Attribute {
	out := deployPlaceAttributes("Identity of the provider block as which production is asked: with its `bearer_token` or `headers`, else with a session. What strangers see is asked as a stranger all the same.")
	maps.Copy(out, map[string]schema.Attribute{
		"url": deployText("Address, such as `https://portal.acme.example`. Default: `portal.base_url` of the provider block."),
		"paths": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Paths that are compared with staging and looked at, such as `/`, `/login` and `/api/me`. At most 20. Default: `/`.",
			Validators:          []validator.List{listvalidator.SizeBetween(1, 20), listvalidator.ValueStringsAre(isPortalPath{}, notBlank())},
		},
		"error_path": deployText("Path that fails on purpose, whose error must show no stack trace.", isPortalPath{}),
		"documents":  deployList("Paths of tools for developers that are public on purpose, such as `/docs`.", isPortalPath{}),
	})
	return out
}

func deployStagingAttributes() map[string]schema.Attribute {
	out := deployPlaceAttributes("Identity of the provider block that comes through what stands before staging: with its `bearer_token` or `headers`, such as those of a service token of Cloudflare Access. One with a user name signs in at staging, as `portal.sign_in` says.")
	request := func(what string) schema.SingleNestedAttribute {
		return schema.SingleNestedAttribute{Required: true, MarkdownDescription: what, Attributes: map[string]schema.Attribute{
			"method": deployText("Method. Default: `POST`.", stringvalidator.OneOf("POST", "PUT", "PATCH", "DELETE")),
			"path":   deployNeeded("Path on staging.", isPortalPath{}),
			"body":   deployText("Body. It stands in the state: no secrets."),
		}}
	}
	maps.Copy(out, map[string]schema.Attribute{
		"url":                deployNeeded("Address, such as `https://staging.acme.example`."),
		"restricted":         schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether strangers must be kept out, and not search engines alone. Default: `false`."},
		"production_markers": deployList("Texts that production's data holds and no other's, such as the name of a member who agreed to it. A path of `production.paths` must show them in production. They stand in the state."),
		"drill": deployObject("Requests that let a dependency of staging fail, and mend it: the endpoint `readiness` must show it meanwhile. They are made at each plan, once.", map[string]schema.Attribute{
			"dependency": deployNeeded("Name of the dependency, such as `database`."),
			"break":      request("Request that lets it fail."),
			"restore":    request("Request that mends it. It is sent whatever happens."),
			"identity":   deployText("Identity of the provider block that may do it. Default: `staging.identity`."),
			"within":     deployText("How soon the endpoint must show it, as a duration. Default: `30s`.", isDuration{}),
		}),
	})
	return out
}

func deployRollbackAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"endpoint": deployObject("Path of production that tells the release before, and when going back to it was tried.", map[string]schema.Attribute{
			"path":          deployNeeded("Path, such as `/version`.", isPortalPath{}),
			"previous":      deployText("JSON pointer to the release before. Default: `/previous/version`.", isJSONPointer()),
			"previous_date": deployText("JSON pointer to its date. Default: `/previous/released_at`.", isJSONPointer()),
			"drilled":       deployText("JSON pointer to when going back was tried. Default: `/rollback/drilled_at`.", isJSONPointer()),
			"restored_in":   deployText("JSON pointer to how long it took. Default: `/rollback/restored_in`.", isJSONPointer()),
		}),
		"previous":      deployText("The release before, where no endpoint tells it."),
		"previous_date": deployText("Day on which it was released.", isDate{}),
		"drilled": deployObject("Your word that going back was tried.", map[string]schema.Attribute{
			"date":        deployNeeded("Day on which it was tried, such as `2026-10-01`.", isDate{}),
			"owner":       deployNeeded("Who did it and answers for it."),
			"restored_in": deployNeeded("How long it took until the release before ran, such as `4m`."),
			"evidence":    deployText("Address of what was written down."),
		}),
		"maximum_age": deployText("How old the drill, and the release before, may be, as a duration. Default: `2160h`, which is 90 days.", isDuration{}),
	}
}

func deployEnvironmentAttributes() map[string]schema.Attribute {
	name := stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`), "must be a name alone, without a value")
	pattern := stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z0-9_.*-]+$`), "must be a name, in which * stands for any run of characters")
	file := "A file of variables, a list of names, or what a platform exports (Vercel, Render, Heroku, Fly, Netlify, Railway, GitHub Actions, Cloudflare, Docker, ECS), as JSON or a table. Of its values nothing is kept but whether they are empty."
	digests := func(of string) schema.MapAttribute {
		return schema.MapAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: "Digest by name, of " + of + ": the HMAC-SHA-256 of the value in hexadecimal, with one secret salt for both that nobody keeps.",
			Validators: []validator.Map{mapvalidator.ValueStringsAre(stringvalidator.RegexMatches(regexp.MustCompile(`^[0-9a-fA-F]{64}$`), "must be an HMAC-SHA-256 in hexadecimal: values do not belong here"))},
		}
	}
	return map[string]schema.Attribute{
		"example_files":   deployList("Files that name what is needed, such as `.env.example`. " + file),
		"production":      deployList("Names of production's variables.", name),
		"production_file": deployText("File of production's variables. " + file),
		"staging":         deployList("Names of staging's variables.", name),
		"staging_file":    deployText("File of staging's variables. " + file),
		"build":           deployList("Names that are set where the portal is built, and not where it runs.", name),
		"build_file":      deployText("File of what is set where the portal is built. " + file),
		"required":        deployList("Names that must be set, and not be empty.", name),
		"only_in": deployObject("Names that are meant for one place alone; `*` stands for any run of characters.", map[string]schema.Attribute{
			"production": deployList("In production alone.", pattern),
			"staging":    deployList("On staging alone.", pattern),
		}),
		"client_prefixes": deployList("Prefixes that put a variable into what browsers load, beside the usual ones such as `NEXT_PUBLIC_`, `VITE_` and `REACT_APP_`.", name),
		"ignore":          deployList("Names that are not compared, beside those that platforms set themselves, such as `VERCEL_*`; `*` stands for any run of characters.", pattern),
		"must_differ":     deployList("Names whose values must not be the same in both, by `digests`.", name),
		"digests": deployObject("Digests of values, for `must_differ`.", map[string]schema.Attribute{
			"production": digests("production"), "staging": digests("staging"),
		}),
	}
}
