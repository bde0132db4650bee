package supportcheck

import (
	"context"
	"fmt"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/secretscan"
)

// secrets reports secrets in the text: in front matter, comments and code, too.
func (s *session) secrets() {
	engine, err := secretscan.New(secretscan.Options{})
	if err == nil && !works(s.ctx, engine) {
		err = fmt.Errorf("the scanner does not find a key that was put before it")
	}
	if err != nil {
		s.report.Inconclusive(ruleSecret, whole, err.Error())
		return
	}
	found := false
	for _, f := range s.book.Files {
		all := engine.Scan(s.ctx, secretscan.Text{Content: f.Text, Name: f.Name})
		secretscan.Sort(all)
		for _, one := range all {
			if one.Class != secretscan.Secret || one.Waiver != "" {
				continue
			}
			found = true
			severity := readiness.Critical
			if one.Grade == secretscan.Moderate {
				severity = readiness.High
			}
			s.report.FailAs(ruleSecret, f.Name, severity, fmt.Sprintf("line %d holds a secret: %s (%s)", one.Line, one.Kind, one.Fingerprint), "")
		}
	}
	switch {
	case s.ctx.Err() != nil:
		s.report.Inconclusive(ruleSecret, whole, "the scan was interrupted")
	case !found:
		s.free(ruleSecret, "the runbook holds no secret that is known as such")
	}
}

// works is the positive control: a key that was made up is found.
func works(ctx context.Context, e *secretscan.Engine) bool {
	made := "gh" + "p_" + "0b7Xq2Lw9Tz4Vc6Nm1Rk8Hs3Jd5Gf0Pa7YtE"
	return len(e.Scan(ctx, secretscan.Text{Content: "token = \"" + made + "\"\n", Name: "control"})) == 1
}
