package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/expr"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// judge decides on a rule that is about to be stored.
type judge struct {
	phase  phase
	plan   string
	limits ruleLimits
	at     string // where the body has the rule
}

func newJudge(p phase, plan, at string) judge {
	return judge{phase: p, plan: plan, limits: ruleLimitsOf(plan), at: at}
}

// rule tells the first thing that is wrong with a rule.
func (j judge) rule(r zone.Rule) *Error {
	if !slices.Contains(j.phase.actions, r.Action) {
		return unfit(j.at+"/action", r.Action, "action", "it is not available in the phase "+j.phase.name)
	}
	if r.Action == "log" && !j.limits.logs {
		return j.notEntitled("/action", r.Action, "action", "the use of action log is not allowed")
	}
	if err := j.expression("/expression", "expression", r.Expression, false); err != nil {
		return err
	}
	if j.phase.name == "ddos_l7" && r.Expression != "true" {
		return unfit(j.at+"/expression", shortened(r.Expression), "expression", "rules of the phase ddos_l7 must have the expression true")
	}
	if err := j.parameters(r); err != nil {
		return err
	}
	if err := object(map[string]schema{"enabled": {kind: "bool"}}, "enabled").checkRaw(r.Logging, j.at+"/logging", "logging"); r.Logging != nil && err != nil {
		return err
	}
	return j.rateLimit(r)
}

// count tells whether a phase may have so many rules.
func (j judge) count(rules int) *Error {
	if most := j.limits.rulesIn(j.phase); rules > most {
		return &Error{
			Status: http.StatusBadRequest, Code: codeRuleQuota, Source: &source{Pointer: "/rules"},
			Message: fmt.Sprintf("exceeded maximum number of rules in the phase %s %d out of %d", j.phase.name, rules, most),
		}
	}
	return nil
}

func (j judge) notEntitled(pointer, value, field, what string) *Error {
	e := unfit(j.at+pointer, value, field, "not entitled: "+what+" on the "+j.plan+" plan")
	e.Code = codeRuleEntitlement
	return e
}

// expression reads an expression and tells what of it the phase or the plan
// does not have. One that gives a text is a target, a path or a value.
func (j judge) expression(pointer, field, text string, givesText bool) *Error {
	parse := expr.Parse
	if givesText {
		parse = expr.ParseValue
	}
	if len(text) > expr.MaxLength {
		return unfit(j.at+pointer, shortened(text), field, fmt.Sprintf("it has more than %d characters", expr.MaxLength))
	}
	e, err := parse(text)
	var wrong *expr.SyntaxError
	if errors.As(err, &wrong) {
		return badExpression(j.at+pointer, field, text, wrong)
	}
	if e.UsesRegex() && !j.limits.regex {
		return j.notEntitled(pointer, shortened(text), field, "the use of operator Matches is not allowed")
	}
	for _, name := range e.Fields() {
		// What has not come back yet, nothing but a counter can ask.
		if strings.HasPrefix(name, "http.response.") && !strings.HasPrefix(j.phase.name, "http_response_") && field != "counting_expression" {
			return unfit(j.at+pointer, shortened(text), field, "the use of field "+name+" is not allowed in the phase "+j.phase.name)
		}
		if prefixed(j.limits.fields, name) && !(name == "cf.waf.score.class" && j.plan == "business") {
			return j.notEntitled(pointer, shortened(text), field, "the use of field "+name+" is not allowed")
		}
		if j.phase.name == "http_ratelimit" && j.limits.rateFields != nil && field == "expression" && !prefixed(j.limits.rateFields, name) {
			return j.notEntitled(pointer, shortened(text), field, "the use of field "+name+" is not allowed in the phase http_ratelimit")
		}
	}
	return nil
}

// badExpression shows the place: line and column, the line, and marks under it.
func badExpression(pointer, field, text string, wrong *expr.SyntaxError) *Error {
	offset := min(max(wrong.Offset, 0), len(text))
	from := strings.LastIndex(text[:offset], "\n") + 1
	line, _, _ := strings.Cut(text[from:], "\n")
	e := unfit(pointer, shortened(text), field, fmt.Sprintf(
		"the expression is invalid: Filter parsing error (%d:%d):\n%s\n%s^ %s", strings.Count(text[:offset], "\n")+1, offset-from+1,
		line, strings.Repeat(" ", offset-from), wrong.Message))
	e.Code = codeExpression
	return e
}

// prefixed tells whether a field is one of those named, or a part of one.
func prefixed(names []string, field string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return field == n || strings.HasPrefix(field, n+".") })
}
