// Package secretscheck is the check secrets: whether a secret stands where it
// can be read by who should not have it: in a repository and its history, in
// what is shipped, in what the live site serves, in logs.
package secretscheck

import (
	"context"
	"embed"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/gitrepo"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/secretscan"
)

//go:embed doc.md
var doc string

//go:embed rules/*.md
var pages embed.FS

// Definition is the check.
var Definition = check.Definition[Spec]{
	Info: check.Info{
		Name:  "secrets",
		Area:  readiness.Secrets,
		Doc:   doc,
		Rules: rules(),
		Pages: pages,
	},
	Target: target,
	Run:    run,
}

// DefaultTimeout bounds a run.
const DefaultTimeout = 20 * time.Minute

// Spec is what a user asks for. What is empty is not looked at.
type Spec struct {
	Repository  string   // a folder in a working tree, or a bare repository
	SkipHistory bool     // the working tree alone
	Paths       []string // build output, files of variables, archives of images
	Logs        []string // files and folders
	// Credentials must stand in no log: those of the test identities.
	Credentials []secretscan.Credential

	Pages      []string     // addresses of live pages
	Visitor    *probe.Actor // as whom they are asked for too; nil = by nobody in particular alone
	AssetHosts []string     // of other sites, whose scripts are the user's own
	Hosts      []string     // that are asked for well-known leaks; nil = those of Pages

	Config     string   // of gitleaks (TOML), added to the default rules
	IgnoreFile []string // lines of a .gitleaksignore, beside that of the repository
	PublicKeys []secretscan.PublicKey
	Rotation   *Rotation // nil = nobody has said
	Cache      *secretscan.Cache
	Timeout    time.Duration // 0 = DefaultTimeout
}

// Rotation is how it is known that secrets are rotated: a document, or a
// person's statement.
type Rotation struct {
	Document string // path

	Statement, Owner, Evidence string
	Date                       time.Time // of the statement
}

// target names what is looked at, without paths: they differ from machine to
// machine.
func target(s Spec) string {
	var out []string
	for _, address := range s.Pages {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			out = append(out, check.CanonicalHost(u.Hostname()))
		}
	}
	for _, h := range s.Hosts {
		out = append(out, check.CanonicalHost(h))
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if s.Repository != "" {
		out = append(out, "repository")
	}
	if len(s.Paths) > 0 {
		out = append(out, "build output")
	}
	if len(s.Logs) > 0 {
		out = append(out, "logs")
	}
	if len(out) == 0 {
		return "secrets"
	}
	return strings.Join(out, ", ")
}

// run looks everywhere that the spec names.
func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	if spec.Timeout <= 0 {
		spec.Timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, spec.Timeout)
	defer cancel()
	budget := check.NewBudget(p)
	s := &session{ctx: ctx, prober: budget, spec: spec, report: report, kinds: map[string]bool{}}
	var repo *gitrepo.Repo
	var err error
	salt := ""
	if spec.Repository != "" {
		if repo, err = gitrepo.Open(ctx, spec.Repository); err == nil {
			salt = repo.FirstCommit(ctx)
		}
	}
	if s.engine, s.broken = newEngine(spec, repo, salt); s.broken == "" && !works(ctx, s.engine) {
		s.broken = "the scanner does not find a key that was put before it"
	}
	s.repository(repo, err)
	s.artifacts()
	s.logs()
	s.live()
	s.exposed()
	s.rotation()
	s.complete()
	if len(spec.Pages)+len(spec.Hosts) > 0 {
		budget.Tell(report)
	}
}

// newEngine makes the scanner, with what the repository itself allows.
func newEngine(spec Spec, repo *gitrepo.Repo, salt string) (*secretscan.Engine, string) {
	o := secretscan.Options{Config: spec.Config, Ignore: spec.IgnoreFile, Public: spec.PublicKeys, Salt: salt}
	if repo != nil && !repo.Bare {
		own, ignore := ownRules(repo.Root)
		o.Ignore = append(slices.Clip(o.Ignore), ignore...)
		if o.Config == "" {
			if e, err := secretscan.New(withConfig(o, own)); err == nil {
				return e, ""
			}
		}
	}
	e, err := secretscan.New(o)
	if err != nil {
		return nil, err.Error()
	}
	return e, ""
}

func withConfig(o secretscan.Options, config string) secretscan.Options {
	o.Config = config
	return o
}

// works is the positive control: a key that was made up is found.
func works(ctx context.Context, e *secretscan.Engine) bool {
	made := "gh" + "p_" + "0b7Xq2Lw9Tz4Vc6Nm1Rk8Hs3Jd5Gf0Pa7YtE"
	return len(e.Scan(ctx, secretscan.Text{Content: "token = \"" + made + "\"\n", Name: "control"})) == 1
}
