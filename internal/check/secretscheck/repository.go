package secretscheck

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/gitrepo"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/secretscan"
)

const subjectRepository = "repository"

func repositoryRules() []string { return []string{ruleTree, ruleHistory, ruleTracked, ruleNotIgnored} }

// repository looks into a repository and all of its history.
func (s *session) repository(repo *gitrepo.Repo, err error) {
	if s.spec.Repository == "" {
		check.Each(repositoryRules(), subjectRepository, "no repository is named", s.report.NotApplicable)
		return
	}
	s.looked = true
	reason := s.broken
	if err != nil {
		reason = err.Error()
	}
	if reason != "" {
		s.missed(subjectRepository, reason)
		check.Each(repositoryRules(), subjectRepository, reason, func(rule, subject, message string) {
			if remedy := remedyFor(err); remedy != "" {
				s.report.InconclusiveAs(rule, subject, message, remedy)
				return
			}
			s.unclear(rule, subject, message)
		})
		return
	}
	s.ignored(repo)
	tree := s.engine.Tree(s.ctx, repo, s.spec.Cache)
	s.observe("working tree", tree.Files, tree.Report)
	if tree.Files == 0 && len(tree.Gaps) == 0 {
		tree.Gaps = []string{"the working tree has no file"}
	}
	inTree := map[string]bool{}
	var out []shown
	for _, f := range s.list(func(f secretscan.Finding) string { return f.File }, tree.Findings) {
		level, note := severity(f)
		inTree[f.Rule+f.Fingerprint+f.File] = true
		out = append(out, shown{subject: f.File, message: describe(f) + note, severity: level, waiver: f.Waiver})
	}
	s.conclude(ruleTree, subjectRepository, "no secret in the files of the repository", s.publish(ruleTree, subjectRepository, out), tree.Gaps)
	if s.spec.SkipHistory {
		s.report.NotApplicable(ruleHistory, subjectRepository, "history is turned off")
		s.tracked(tree, secretscan.History{})
		return
	}
	history := s.engine.History(s.ctx, repo, s.spec.Cache)
	s.history(history, inTree)
	s.tracked(tree, history)
}

func remedyFor(err error) string {
	switch {
	case errors.Is(err, gitrepo.ErrNoGit):
		return "Install git where Terraform runs, and put it in PATH."
	case errors.Is(err, gitrepo.ErrNotTrusted):
		return "Run git config --global --add safe.directory with the path of the repository, as the user that runs Terraform."
	case errors.Is(err, gitrepo.ErrNoRepository), errors.Is(err, gitrepo.ErrNoSuchFolder):
		return "Name the folder of a clone in repository; a downloaded archive has no history."
	}
	return ""
}

// history judges what commits hold.
func (s *session) history(h secretscan.History, inTree map[string]bool) {
	s.report.Observe("commits read", strconv.Itoa(h.Commits))
	if h.Known > 0 {
		s.report.Observe("findings known from the cache", strconv.Itoa(h.Known))
	}
	for name, n := range h.Notes {
		s.report.Observe(name, strconv.Itoa(n))
	}
	var out []shown
	for _, f := range s.list(func(f secretscan.Finding) string { return f.File }, h.Findings) {
		level, note := severity(f)
		message := describe(f) + note + ", committed " + day(f.Date)
		if n := len(f.Elsewhere); n > 0 {
			message += fmt.Sprintf(" and again in %d other commits", n)
		}
		switch {
		case inTree[f.Rule+f.Fingerprint+f.File]:
			message += "; it is still there"
		case h.Reach[f.Commit] == gitrepo.Reflog:
			message += "; no branch or tag leads there any more, a reflog does"
			if level == readiness.Critical {
				level = readiness.High
			}
		case !strings.HasPrefix(f.File, "message of") && f.File != "commit message":
			message += "; it is no longer in the file"
		}
		out = append(out, shown{subject: f.File + "@" + short(f.Commit), message: message, severity: level, waiver: f.Waiver})
	}
	s.conclude(ruleHistory, subjectRepository, "no secret in any commit", s.publish(ruleHistory, subjectRepository, out), h.Gaps)
}

// short is a commit as people write it.
func short(commit string) string { return commit[:min(len(commit), 10)] }

// day is the date of a commit.
func day(date string) string {
	at, _, _ := strings.Cut(date, "T")
	return at
}

// ignored asks whether a file .env would be committed by accident.
func (s *session) ignored(repo *gitrepo.Repo) {
	if repo.Bare {
		s.report.NotApplicable(ruleNotIgnored, ".env", "a bare repository has no working tree")
		return
	}
	switch ok, err := repo.Ignored(s.ctx, ".env"); {
	case err != nil:
		s.unclear(ruleNotIgnored, ".env", err.Error())
	case ok:
		s.report.Pass(ruleNotIgnored, ".env", "a file .env is ignored")
	default:
		s.report.Fail(ruleNotIgnored, ".env", "nothing in the repository ignores a file .env: git add takes it")
	}
}

// tracked judges files of variables that are or were committed.
func (s *session) tracked(tree secretscan.Tree, h secretscan.History) {
	var out []shown
	now := map[string]bool{}
	for _, path := range tree.EnvFiles {
		now[path] = true
		out = append(out, shown{subject: path, severity: readiness.High, message: "the file is tracked"})
	}
	for path, origin := range h.EnvFiles {
		if !now[path] {
			out = append(out, shown{subject: path, severity: readiness.High, message: "the file was committed in " + short(origin.Commit) + " on " + day(origin.Date) + " and deleted later: the history still has it"})
		}
	}
	for i, f := range out {
		if fixture().MatchString(f.subject) {
			out[i].severity = readiness.Medium
		}
	}
	failed := s.publish(ruleTracked, subjectRepository, out)
	gaps := slices.Concat(tree.Gaps, h.Gaps)
	if !failed && len(gaps) > 0 {
		s.unclear(ruleTracked, subjectRepository, gaps[0])
		return
	}
	if !failed {
		s.report.Pass(ruleTracked, subjectRepository, "no file of variables is tracked")
	}
}
