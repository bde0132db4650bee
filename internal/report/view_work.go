package report

import (
	"html/template"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// sprint is a stream of work.
type sprint struct {
	readiness.Sprint
	Says string
}

// planned is a row of the picture of the plan: when a sprint is worked on.
type planned struct {
	Title string
	Bar   template.HTML
}

func chart(s readiness.Scorecard) []planned {
	var out []planned
	for _, one := range s.Work.Sprints {
		if one.Window != nil {
			out = append(out, planned{Title: one.Title, Bar: window(*one.Window, one.Blocking > 0)})
		}
	}
	return out
}

// hasWork reports whether there is anything in the plan of work.
func hasWork(s readiness.Scorecard) bool { return len(s.Work.Sprints) > 0 }

func sprints(s readiness.Scorecard) []sprint {
	var out []sprint
	for _, one := range s.Work.Sprints {
		v := sprint{Sprint: one, Says: "Nothing in it blocks."}
		if one.Blocking > 0 {
			v.Says = count(one.Blocking, "task") + " in it must be done before the launch."
		}
		out = append(out, v)
	}
	return out
}
