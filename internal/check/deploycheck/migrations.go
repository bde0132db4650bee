package deploycheck

import (
	"strings"
)

// pending is what an answer says of migrations.
type pending int

const (
	unsaid pending = iota
	none
	some
)

// migrations judges that the database is as the release wants it.
func (s *session) migrations(said []statement, reason string) {
	at := s.production
	for _, one := range said {
		body, _ := anObject(one.Body)
		switch migrationsIn(body, false, 0) {
		case some:
			s.report.Fail(ruleMigration, at.at(one.path), "it says that migrations are pending")
			return
		case none:
			s.report.Pass(ruleMigration, at.at(one.path), "it says that no migration is pending")
			return
		}
	}
	if len(said) == 0 && reason != "" {
		s.report.Inconclusive(ruleMigration, at.host, reason)
		return
	}
	s.report.Undecided(ruleMigration, at.host, "no health endpoint says whether migrations are pending")
}

// migrationsIn looks for what a JSON answer says. within is set below a field that
// is about migrations.
func migrationsIn(object map[string]any, within bool, depth int) pending {
	out := unsaid
	for name, value := range object {
		lower := strings.ToLower(name)
		about := within || strings.Contains(lower, "migration") || strings.Contains(lower, "schema_version_pending")
		open := strings.Contains(lower, "pending") || strings.Contains(lower, "outstanding") || strings.Contains(lower, "unapplied")
		done := strings.Contains(lower, "applied") || strings.Contains(lower, "current") || strings.Contains(lower, "up_to_date") || strings.Contains(lower, "uptodate") || strings.Contains(lower, "complete") || lower == "ok"
		if open && strings.Contains(lower, "unapplied") {
			done = false
		}
		var here pending
		switch v := value.(type) {
		case map[string]any:
			if depth < 4 {
				here = migrationsIn(v, about, depth+1)
			}
		case []any:
			if about && open {
				here = sayIf(len(v) > 0)
			}
		case float64:
			if about && open {
				here = sayIf(v > 0)
			}
		case bool:
			switch {
			case about && open:
				here = sayIf(v)
			case about && done:
				here = sayIf(!v)
			}
		case string:
			if about {
				here = inWords(v)
			}
		}
		out = max(out, here)
	}
	return out
}

func sayIf(open bool) pending {
	if open {
		return some
	}
	return none
}

func inWords(text string) pending {
	switch strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), " ", "_") {
	case "pending", "outdated", "required", "behind", "failed", "down", "error", "fail", "unapplied":
		return some
	case "up", "ok", "up_to_date", "up-to-date", "current", "complete", "completed", "none", "applied", "healthy", "pass", "done":
		return none
	}
	return unsaid
}
