package report

import (
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// home is where the tool of the SARIF report is at home.
const home = "https://github.com/launchready/terraform-provider-launchready"

// SARIF renders what stands, and what is waived, as SARIF 2.1.0. Every result has
// a place in a file: code scanning refuses a whole upload for one that has none.
func SARIF(s readiness.Scorecard, o Options) ([]byte, error) {
	run := sarif.NewRunWithInformationURI("launchready", home)
	run.WithColumnKind("utf16CodeUnits")
	run.Tool.Driver.WithFullName("Launch readiness checks").WithOrganization("launchready")
	run.Tool.Driver.WithRules([]*sarif.ReportingDescriptor{})
	if s.Catalogue != "" {
		run.Tool.Driver.WithVersion(s.Catalogue)
	}
	// What runs on one domain does not replace what ran on another.
	run.WithAutomationDetails(sarif.NewRunAutomationDetails().WithID("launchready/" + s.Name() + "/"))
	run.WithProperties(sarif.NewPropertyBag().Add("gate", s.Gate).Add("score", s.Score).Add("risk", s.Risk))

	index := map[string]int{} // of rules, by id
	for _, f := range s.Findings {
		if !f.Status.Violates() && f.Status != readiness.Waived {
			continue
		}
		if _, known := index[f.Rule]; !known {
			index[f.Rule] = len(run.Tool.Driver.Rules)
			run.Tool.Driver.AddRule(descriptor(f, o))
		}
		run.AddResult(sarifResult(f, s).WithRuleIndex(index[f.Rule]))
	}
	return marshal(sarif.NewReport().AddRun(run))
}

// descriptor tells of the rule of a finding.
func descriptor(f readiness.Finding, o Options) *sarif.ReportingDescriptor {
	rule, known := o.rule(f.Rule)
	if !known {
		rule = readiness.Rule{ID: f.Rule, Area: f.Area, Severity: f.Severity, Title: f.Rule, Remedy: f.Remedy}
	}
	help := "See " + pageURL(f.Reference) + "."
	if rule.Remedy != "" {
		help = rule.Remedy + " " + help
	}
	text := func(s string) *sarif.MultiformatMessageString { return sarif.NewMultiformatMessageString().WithText(s) }
	d := sarif.NewRule(f.Rule).WithName(f.Rule).WithHelpURI(pageURL(f.Reference)).
		WithShortDescription(text(capital(rule.Title))).WithFullDescription(text(capital(rule.Title) + ".")).WithHelp(text(help))
	d.WithDefaultConfiguration(sarif.NewReportingConfiguration().WithEnabled(true).WithLevel(sarifLevel(rule.Severity)))
	bag := sarif.NewPropertyBag().Add("precision", "high").Add("problem.severity", problemSeverity(rule.Severity)).
		Add("security-severity", securitySeverity(rule.Severity))
	// Security-severity counts only for what carries this tag.
	bag.AddTag("security")
	if f.Area != readiness.AnyArea {
		bag.AddTag(string(f.Area))
	}
	return d.WithProperties(bag)
}

// sarifResult is a finding as a result.
func sarifResult(f readiness.Finding, s readiness.Scorecard) *sarif.Result {
	message := f.Message
	switch {
	case f.Status == readiness.Waived:
	case f.Status != readiness.Fail && f.Subject == attestation:
		message = "Not answered: " + message
	case f.Status != readiness.Fail:
		message = "Could not be tested: " + message
	}
	message = f.Subject + ": " + message
	if f.Remedy != "" {
		message += "\nFix: " + f.Remedy
	}
	// What could not be tested is a failure here too, for it blocks like one; the
	// kind "open" may have no level, and would be hidden.
	r := sarif.NewRuleResult(f.Rule).WithKind("fail").WithLevel(sarifLevel(f.Severity)).
		WithMessage(sarif.NewTextMessage(messageText(message))).
		WithPartialFingerprints(fingerprints(f)).
		AddLocation(place(f)).
		WithProperties(sarif.NewPropertyBag().Add("status", f.Status).Add("blocks", f.Blocks(s.FailOn)))
	if f.Status == readiness.Waived {
		r.AddSuppression(sarif.NewSuppression().WithKind("external").WithStatus("accepted").WithJustification(f.Waiver))
	}
	return r
}

func sarifLevel(s readiness.Severity) string {
	switch s {
	case readiness.Medium:
		return sarif.LevelWarning
	case readiness.Low, readiness.Info:
		return sarif.LevelNote
	}
	return sarif.LevelError
}

func problemSeverity(s readiness.Severity) string {
	switch s {
	case readiness.Medium:
		return "warning"
	case readiness.Low, readiness.Info:
		return "recommendation"
	}
	return "error"
}

// securitySeverity is the severity on the scale of CVSS, in the middle of what
// code scanning calls by the same word: over 9.0 critical, 7.0 high, 4.0 medium,
// over 0 low.
func securitySeverity(s readiness.Severity) string {
	switch s {
	case readiness.High:
		return "8.0"
	case readiness.Medium:
		return "5.5"
	case readiness.Low:
		return "2.5"
	case readiness.Info:
		return "0.5"
	}
	return "9.5" // critical, and what is not known
}
