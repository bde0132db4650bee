package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// scorecardOutputs are what the data source computes.
type scorecardOutputs struct {
	Gate         types.String       `tfsdk:"gate"`
	Score        types.Int64        `tfsdk:"score"`
	Risk         types.String       `tfsdk:"risk"`
	Catalogue    types.String       `tfsdk:"catalogue"`
	Basis        *basisModel        `tfsdk:"basis"`
	Areas        []areaModel        `tfsdk:"areas"`
	Criteria     []criterionModel   `tfsdk:"criteria"`
	Deliverables []deliverableModel `tfsdk:"deliverables"`
	Violations   []findingModel     `tfsdk:"violations"`
	Work         *workModel         `tfsdk:"plan_of_work"`
	Expiring     []expiryModel      `tfsdk:"expiring"`
	Changes      *changesModel      `tfsdk:"changes"`
	Markdown     types.String       `tfsdk:"markdown"`
	JSON         types.String       `tfsdk:"json"`
	HTML         types.String       `tfsdk:"html"`
	SARIF        types.String       `tfsdk:"sarif"`
	JUnit        types.String       `tfsdk:"junit"`
	Observed     types.Map          `tfsdk:"observed"`
}

type basisModel struct {
	Areas     types.Int64  `tfsdk:"areas"`
	Mean      types.Int64  `tfsdk:"mean"`
	Limit     types.Int64  `tfsdk:"limit"`
	LimitedBy types.String `tfsdk:"limited_by"`
}

type areaModel struct {
	Area         types.String `tfsdk:"area"`
	Required     types.Bool   `tfsdk:"required"`
	Status       types.String `tfsdk:"status"`
	Score        types.Int64  `tfsdk:"score"`
	Failed       types.Int64  `tfsdk:"failed"`
	Inconclusive types.Int64  `tfsdk:"inconclusive"`
	Waived       types.Int64  `tfsdk:"waived"`
	Passed       types.Int64  `tfsdk:"passed"`
	Unchecked    types.Int64  `tfsdk:"unchecked"`
	Possible     types.Int64  `tfsdk:"possible"`
	Lost         types.Int64  `tfsdk:"lost"`
	Limit        types.Int64  `tfsdk:"limit"`
	LimitedBy    types.String `tfsdk:"limited_by"`
	Lines        []lineModel  `tfsdk:"lines"`
}

type lineModel struct {
	Rule     types.String `tfsdk:"rule"`
	Severity types.String `tfsdk:"severity"`
	Status   types.String `tfsdk:"status"`
	Subject  types.String `tfsdk:"subject"`
	Subjects types.Int64  `tfsdk:"subjects"`
	Possible types.Int64  `tfsdk:"possible"`
	Lost     types.Int64  `tfsdk:"lost"`
}

type criterionModel struct {
	ID       types.String `tfsdk:"id"`
	Title    types.String `tfsdk:"title"`
	Status   types.String `tfsdk:"status"`
	Evidence types.Int64  `tfsdk:"evidence"`
	Against  []string     `tfsdk:"against"`
	Missing  []string     `tfsdk:"missing"`
}

type deliverableModel struct {
	ID       types.String `tfsdk:"id"`
	Title    types.String `tfsdk:"title"`
	Done     types.Bool   `tfsdk:"done"`
	Status   types.String `tfsdk:"status"`
	Evidence []string     `tfsdk:"evidence"`
	Against  []string     `tfsdk:"against"`
	Missing  []string     `tfsdk:"missing"`
}

type expiryModel struct {
	Kind    types.String `tfsdk:"kind"`
	Rule    types.String `tfsdk:"rule"`
	Subject types.String `tfsdk:"subject"`
	Owner   types.String `tfsdk:"owner"`
	Expires types.String `tfsdk:"expires"`
}

type changesModel struct {
	Since      types.String   `tfsdk:"since"`
	Gate       types.String   `tfsdk:"gate"`
	Score      types.Int64    `tfsdk:"score"`
	Comparable types.Bool     `tfsdk:"comparable"`
	Mended     []findingModel `tfsdk:"mended"`
	New        []findingModel `tfsdk:"new"`
	StillOpen  []findingModel `tfsdk:"still_open"`
	Gone       []findingModel `tfsdk:"gone"`
	ChecksGone []checkedModel `tfsdk:"checks_gone"`
}

type checkedModel struct {
	Check  types.String `tfsdk:"check"`
	Area   types.String `tfsdk:"area"`
	Target types.String `tfsdk:"target"`
}

// What follows makes computed attributes in a line each.

func outText(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func outCount(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func outBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
}

func outTexts(description string) schema.ListAttribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

func outList(description string, fields map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{Computed: true, MarkdownDescription: description, NestedObject: schema.NestedAttributeObject{Attributes: fields}}
}

func outObject(description string, fields map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: fields}
}

func scorecardOutputAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"gate":      outText("`open`, `blocked` or `overridden`."),
		"score":     outCount("0 to 100. It explains; it never decides."),
		"risk":      outText("The worst severity that stands, whatever the threshold; `info` if nothing does."),
		"catalogue": outText("Version of the rules. Scores of different versions are not to be compared."),
		"basis": outObject("Where the score comes from: the mean of the areas that count, at most the worst area's score plus 30.", map[string]schema.Attribute{
			"areas":      outCount("How many areas count: those required and those with evidence."),
			"mean":       outCount("Mean of their scores."),
			"limit":      outCount("The worst one's score plus 30, at most 100."),
			"limited_by": outText("The area that holds the score down; null if none does."),
		}),
		"areas": outList("The ten areas, in the order of the scorecard.", map[string]schema.Attribute{
			"area":         outText("Name."),
			"required":     outBool("Whether it must be covered."),
			"status":       outText("`pass`, `fail`, `inconclusive`, or `not_applicable` if nothing was decided and it is not required."),
			"score":        outCount("0 to 100: 100 x (`possible` - `lost`) / `possible`, at most `limit`."),
			"failed":       outCount("Number of failed findings."),
			"inconclusive": outCount("Number of findings that could not be decided."),
			"waived":       outCount("Number of waived findings."),
			"passed":       outCount("Number of passed findings."),
			"unchecked":    outCount("Number of rules that no check was there to decide, where all ten areas are required. They count as those that could not be tested: leaving a check out raises no score."),
			"possible":     outCount("Weight of all rules that could apply: 20 for a critical one, 10 high, 4 medium, 2 low, 0 info."),
			"lost":         outCount("Weight that was lost: all of a rule's that failed or could not be tested, half of one's that was waived."),
			"limit":        outCount("The most that the score can be: 39 with a critical rule that failed or could not be tested, 69 with a high one, 79 with another that could not be tested, else 100."),
			"limited_by":   outText("The rule that sets the limit; null without one."),
			"lines": outList("Where the weight was lost, one line a rule, what costs most first. A rule on many subjects loses by its worst; those that lose nothing are in the JSON report.", map[string]schema.Attribute{
				"rule":     outText("Id of the rule."),
				"severity": outText("Severity of its worst finding."),
				"status":   outText("Status of its worst finding."),
				"subject":  outText("Subject of its worst finding; empty if no check was there to decide the rule."),
				"subjects": outCount("On how many subjects it was decided."),
				"possible": outCount("Weight of the rule."),
				"lost":     outCount("What was lost of it."),
			}),
		}),
		"criteria": outList("The eight launch criteria, L1 to L8.", map[string]schema.Attribute{
			"id":       outText("`L1` to `L8`."),
			"title":    outText("What must hold."),
			"status":   outText("`pass`, `waived`, `fail`, `inconclusive`, or `not_applicable` if its area is not required and nothing was looked at."),
			"evidence": outCount("Number of findings that speak for it."),
			"against":  outTexts("Ids of the rules that stand against it."),
			"missing":  outTexts("Rules, or patterns of them, of which one would have to pass and none was decided."),
		}),
		"deliverables": outList("The 13 deliverables of a launch, ticked off by evidence alone.", map[string]schema.Attribute{
			"id":       outText("Name, such as `dns_cleanup`."),
			"title":    outText("Name as a person reads it."),
			"done":     outBool("Whether what it rests on passed, and nothing stands against it or is waived."),
			"status":   outText("`pass`, `waived`, `fail`, `inconclusive`, or `not_applicable` if nothing was looked at."),
			"evidence": outTexts("Ids of the rules that passed."),
			"against":  outTexts("Ids of the rules that stand against it."),
			"missing":  outTexts("Rules, or patterns of them, of which one would have to pass and none was decided."),
		}),
		"violations":   findingsAttribute("What blocks, worst first."),
		"plan_of_work": workAttribute(),
		"expiring": outList("Waivers and attestations that end within `expiry_warning`, the first to end first; those of the checks too.", map[string]schema.Attribute{
			"kind":    outText("`waiver` or `attestation`."),
			"rule":    outText("Id of the rule."),
			"subject": outText("A waiver's pattern of subjects, or what it was applied to."),
			"owner":   outText("Who answers for it."),
			"expires": outText("Last day on which it counts."),
		}),
		"changes": outObject("What differs from `baseline`; null without one.", map[string]schema.Attribute{
			"since":      outText("When the baseline was made; null if it does not say."),
			"gate":       outText("The gate then."),
			"score":      outCount("The score then."),
			"comparable": outBool("Whether both scores follow the same catalogue of rules."),
			"mended":     findingsAttribute("What stood then and is shown to stand no more; as it stood."),
			"new":        findingsAttribute("What stands now and was not there then."),
			"still_open": findingsAttribute("What is there in both; as it is now. A violation that has been waived since is still there."),
			"gone":       findingsAttribute("What stood then and is no longer checked: it may be mended or not."),
			"checks_gone": outList("Checks that were there then and are not now, each with what it looked at then and no longer does. They are a warning, too.", map[string]schema.Attribute{
				"check":  outText("Name of the check; null where the baseline does not say."),
				"area":   outText("Its area; null where the baseline does not say."),
				"target": outText("What it looked at; null where the baseline does not say."),
			}),
		}),
		"markdown": outText("The report as Markdown."),
		"json":     outText("The report as JSON. Its schema is `docs/schema/launch-report.schema.json`."),
		"html":     outText("The report as one HTML file without external resources."),
		"sarif":    outText("What stands and what is waived, as SARIF 2.1.0."),
		"junit":    outText("The report as JUnit XML: what blocks is a failure, or an error if it could not be tested."),
		"observed": schema.MapAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "What varies from run to run: `timing` is a table of how long each check took, where it ran in the same run.",
		},
	}
}
