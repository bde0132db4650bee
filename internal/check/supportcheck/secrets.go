package supportcheck

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

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
		lines, passwords := map[int]bool{}, passwordLines(f.Text)
		for _, one := range all {
			doubtful := one.Class == secretscan.Unknown
			if one.Class == secretscan.Public || one.Waiver != "" || doubtful && slices.Contains(passwords, one.Line) {
				continue
			}
			found = true
			if doubtful {
				s.report.FailAs(ruleSecret, f.Name, readiness.Medium, fmt.Sprintf("line %d holds what may be a key (%s)", one.Line, one.Fingerprint), "")
				continue
			}
			severity := readiness.Critical
			if one.Grade == secretscan.Moderate {
				severity = readiness.High
			}
			s.report.FailAs(ruleSecret, f.Name, severity, fmt.Sprintf("line %d holds a secret: %s (%s)", one.Line, one.Kind, one.Fingerprint), "")
			lines[one.Line] = true
		}
		for _, line := range passwords {
			if !lines[line] {
				found = true
				s.report.FailAs(ruleSecret, f.Name, readiness.High, fmt.Sprintf("line %d tells a password", line), "")
			}
		}
	}
	switch {
	case s.ctx.Err() != nil:
		s.report.Inconclusive(ruleSecret, whole, "the scan was interrupted")
	case !found:
		s.free(ruleSecret, "the runbook holds no secret that is known as such")
	}
}

var (
	// passwordOf finds what a sentence says to be a password: in quotes, or behind a
	// colon. Scanners of code look for variables alone.
	passwordOf = lazy("(?i)(?:^|[^\\pL\\pN_-])(?:pass(?:word|phrase|code|wort)?|pwd|pin|kennwort|contraseña|mot de passe|wachtwoord)\\b[*_\"']*\\s*(?:(?:is|ist|es|est)?\\s*[:=]?\\s*[\"'`“„«]([^\\s\"'`“”„«»]{4,64})[\"'`“”»]|[:=][\\s*_]*([^\\s|*_<>\"'`“”„«»]{6,64}))")
	// noPassword is the name of a variable or of a place, a reference, or a mask.
	noPassword = lazy(`^[$%<{\[#./(]|^[A-Z][A-Z0-9]*_[A-Z0-9_]*$|^[a-z0-9]+(?:[._/-][a-z0-9]+)+$|/|^ENC\[|[*•]{3,}|^\d{1,3}(?:[-–+]\d*)?$|^\d{4}-\d\d-\d\d$|^1Password|[.(]\w*\(`)
)

// passwordLines are the lines that tell a password in words.
func passwordLines(text string) []int {
	var out []int
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		for _, m := range passwordOf().FindAllStringSubmatch(line, -1) {
			quoted, bare := m[1], strings.TrimRight(m[2], ".,;!?)")
			if mixed(quoted) && !noPassword().MatchString(quoted) || len(bare) >= 6 && mixed(bare) && !noPassword().MatchString(bare) {
				out = append(out, n)
				break
			}
		}
	}
	return out
}

// mixed reports whether a word is none that people write: it has digits, and
// letters or signs as well, or is a PIN.
func mixed(word string) bool {
	digits := strings.ContainsAny(word, "0123456789")
	return digits && strings.ContainsFunc(word, unicode.IsLetter) || digits && len(word) <= 8 && strings.Trim(word, "0123456789") == ""
}

// works is the positive control: a key that was made up is found.
func works(ctx context.Context, e *secretscan.Engine) bool {
	made := "gh" + "p_" + "0b7Xq2Lw9Tz4Vc6Nm1Rk8Hs3Jd5Gf0Pa7YtE"
	return len(e.Scan(ctx, secretscan.Text{Content: "token = \"" + made + "\"\n", Name: "control"})) == 1
}
