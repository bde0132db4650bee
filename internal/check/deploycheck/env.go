package deploycheck

import (
	"path"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/envnames"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Environment is what is known of environment variables: names, never values.
type Environment struct {
	Example    []envnames.Name // of files such as .env.example; nil = none
	Production []envnames.Name // nil = not given
	Staging    []envnames.Name // nil = not given
	Build      []envnames.Name // set where the portal is built, for both
	Required   []string        // that production must have
	// OnlyProduction and OnlyStaging are meant to be in one place alone; patterns,
	// as Ignore.
	OnlyProduction, OnlyStaging []string
	ClientPrefixes              []string // beside the usual ones
	Ignore                      []string // patterns in which * stands for any run of characters
	// MustDiffer are names whose values must not be the same in both. They are
	// compared by digests that somebody else has made with one secret salt.
	MustDiffer                        []string
	ProductionDigests, StagingDigests map[string]string
}

// injected are set by platforms, not by people.
var injected = []string{
	"VERCEL", "VERCEL_*", "NEXT_PUBLIC_VERCEL_*", "RENDER", "RENDER_*", "IS_PULL_REQUEST", "FLY_*", "RAILWAY_*", "CF_PAGES", "CF_PAGES_*", "AWS_*", "HEROKU_*", "DYNO",
	"NETLIFY", "NETLIFY_*", "DEPLOY_URL", "DEPLOY_PRIME_URL", "GITHUB_*", "RUNNER_*", "KUBERNETES_*", "K_SERVICE", "K_REVISION", "K_CONFIGURATION", "ECS_*", "LAMBDA_*",
	"WEBSITE_*", "CONTAINER_APP_*", "GAE_*", "GOOGLE_CLOUD_PROJECT", "NIXPACKS_*", "npm_*", "NODE_ENV", "NODE_VERSION", "YARN_VERSION", "PORT", "HOST", "PATH", "HOME", "HOSTNAME", "PWD", "OLDPWD",
	"RACK_ENV", "RAILS_ENV", "RAILS_LOG_TO_STDOUT", "RAILS_SERVE_STATIC_FILES", "NX_DAEMON", "TURBO_*", "VITE_VERCEL_*", "REACT_APP_VERCEL_*", "PUBLIC_VERCEL_*", "NUXT_PUBLIC_VERCEL_*", "GATSBY_VERCEL_*",
	// What images of Docker set, and services of Kubernetes.
	"PYTHON_VERSION", "PYTHON_PIP_VERSION", "PYTHON_SETUPTOOLS_VERSION", "PYTHON_SHA256", "PYTHON_GET_PIP_*", "GPG_KEY", "GPG_KEYS", "JAVA_HOME", "JAVA_VERSION", "GOLANG_VERSION", "GOPATH", "GOTOOLCHAIN", "RUBY_VERSION",
	"RUBY_DOWNLOAD_*", "GEM_HOME", "BUNDLE_APP_CONFIG", "BUNDLE_SILENCE_ROOT_WARNING", "PHP_VERSION", "PHP_URL", "PHP_ASC_URL", "PHP_SHA256", "PHP_INI_DIR", "PHP_CFLAGS", "PHP_CPPFLAGS", "PHP_LDFLAGS", "PHPIZE_DEPS",
	"NGINX_VERSION", "NJS_VERSION", "NJS_RELEASE", "PKG_RELEASE", "DYNPKG_RELEASE", "DOTNET_VERSION", "ASPNET_VERSION", "DOTNET_RUNNING_IN_CONTAINER", "*_SERVICE_HOST", "*_SERVICE_PORT", "*_SERVICE_PORT_*", "*_PORT_*_TCP", "*_PORT_*_TCP_*",
	"USER", "LOGNAME", "SHELL", "SHLVL", "LANG", "LC_*", "LANGUAGE", "TERM", "TZ", "TMPDIR", "CI", "_",
}

func fits(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return err == nil && ok
	})
}

// names is an environment by name: whether a variable is set to nothing.
type names map[string]bool

// of leaves out what is not judged.
func (e Environment) of(lists ...[]envnames.Name) names {
	out := names{}
	for _, list := range lists {
		for _, n := range list {
			if !slices.Contains(e.Required, n.Name) && (fits(n.Name, injected) || fits(n.Name, e.Ignore)) {
				continue
			}
			empty, known := out[n.Name]
			out[n.Name] = n.Empty && (empty || !known)
		}
	}
	return out
}

const noNames = "nobody has said which environment variables there are: environment is not set"

// environment judges the names of environment variables.
func (s *session) environment() {
	const subject = "environment"
	e := s.spec.Environment
	if e == nil {
		s.report.Undecided(ruleEnvParity, subject, noNames)
		s.report.Undecided(ruleEnvClient, subject, noNames)
		return
	}
	s.clientSecrets(*e, subject)
	switch {
	case e.Production == nil:
		s.report.Undecided(ruleEnvParity, subject, "the names of production's variables are not given")
		return
	case e.Staging == nil && s.staging != nil:
		s.report.Undecided(ruleEnvParity, subject, "the names of staging's variables are not given")
	case e.Staging == nil && e.Example == nil && len(e.Required) == 0:
		s.report.Undecided(ruleEnvParity, subject, "there is nothing to compare production's variables with: neither staging's, nor an example, nor required names")
		return
	}
	v := variables{session: s, e: *e, production: e.of(e.Production, e.Build), staging: e.of(e.Staging, e.Build), example: e.of(e.Example)}
	v.judge()
	if !v.wrong && (e.Staging != nil || s.staging == nil) {
		s.report.Pass(ruleEnvParity, subject, "what one environment has the others have, and nothing that is needed is empty")
	}
}

// variables is one comparison.
type variables struct {
	*session
	e                            Environment
	production, staging, example names
	wrong                        bool
}

func (v *variables) fail(name, place, message string) {
	v.wrong = true
	v.report.Fail(ruleEnvParity, name+" ("+place+")", message)
}

func (v *variables) judge() {
	all := map[string]bool{}
	for _, set := range []names{v.production, v.staging, v.example} {
		for name := range set {
			all[name] = true
		}
	}
	for _, name := range v.e.Required {
		all[name] = true
	}
	for name := range all {
		v.one(name)
	}
	v.differ()
}

// one judges a variable.
func (v *variables) one(name string) {
	required := slices.Contains(v.e.Required, name)
	emptyHere, here := v.production[name]
	emptyThere, there := v.staging[name]
	_, documented := v.example[name]
	optional := slices.ContainsFunc(v.e.Example, func(n envnames.Name) bool { return n.Name == name && n.Optional })
	compared := v.e.Staging != nil
	onlyHere, onlyThere := fits(name, v.e.OnlyProduction), fits(name, v.e.OnlyStaging)
	switch {
	case required && !here:
		v.fail(name, "production", "it is required and is not set in production")
	case required && emptyHere:
		v.fail(name, "production", "it is required and is empty in production")
	case !here && there && !onlyThere:
		v.fail(name, "production", "it is set on staging and not in production")
	case !here && !there && documented && !optional && !onlyThere && !onlyHere:
		v.fail(name, "production", "the example has it and it is set nowhere")
	case !here && onlyHere:
		v.fail(name, "production", "it is meant for production alone and is not set there")
	case emptyHere && there && !emptyThere:
		v.fail(name, "production", "it is empty in production and not on staging")
	}
	if !compared {
		return
	}
	switch {
	case required && !there && !onlyHere:
		v.fail(name, "staging", "it is required and is not set on staging")
	case required && emptyThere && !onlyHere:
		v.fail(name, "staging", "it is required and is empty on staging")
	case here && !there && !onlyHere && !required:
		v.fail(name, "staging", "it is set in production and not on staging")
	case emptyThere && here && !emptyHere && !required:
		v.fail(name, "staging", "it is empty on staging and not in production")
	}
	if v.e.Example != nil && (here || there) && !documented && !onlyHere && !onlyThere {
		v.wrong = true
		v.report.FailAs(ruleEnvParity, name+" (example)", readiness.Low, "it is set, and the example does not have it", "Add the name, without a value, to the example file.")
	}
}

// differ compares digests of values that must not be the same.
func (v *variables) differ() {
	for _, name := range v.e.MustDiffer {
		here, there := v.e.ProductionDigests[name], v.e.StagingDigests[name]
		switch {
		case here == "" || there == "":
			v.wrong = true
			v.report.Undecided(ruleEnvParity, name+" (difference)", "its value must differ, and a digest of it is missing in environment.digests")
		case strings.EqualFold(here, there):
			v.wrong = true
			v.report.FailAs(ruleEnvParity, name+" (difference)", "", "production and staging have one value", "Give staging a value of its own: what breaks there must not touch production.")
		}
	}
}

// clientPrefixes put a variable into what browsers load.
var clientPrefixes = []string{"NEXT_PUBLIC_", "VITE_", "REACT_APP_", "PUBLIC_", "NUXT_PUBLIC_", "EXPO_PUBLIC_", "GATSBY_", "VUE_APP_", "NG_APP_", "STORYBOOK_", "SNOWPACK_PUBLIC_", "PREACT_APP_", "BUN_PUBLIC_"}

// secretEnds are how names of secrets end.
var secretEnds = []string{
	"SECRET", "SECRETS", "SECRET_KEY", "SECRET_ACCESS_KEY", "SECRET_TOKEN", "SECRET_ID", "PASSWORD", "PASSWD", "PASSPHRASE", "PRIVATE_KEY", "SERVICE_ROLE", "SERVICE_ROLE_KEY", "SERVICE_KEY",
	"SERVICE_ACCOUNT", "SERVICE_ACCOUNT_KEY", "SERVICE_ACCOUNT_JSON", "CREDENTIALS", "SIGNING_KEY", "ENCRYPTION_KEY", "MASTER_KEY", "ADMIN_KEY", "ADMIN_TOKEN", "DATABASE_URL", "DB_URL", "REDIS_URL", "MONGODB_URI",
	"MONGO_URI", "MONGODB_URL", "MONGO_URL", "POSTGRES_URL", "MYSQL_URL", "CONNECTION_STRING", "WEBHOOK_KEY", "REFRESH_TOKEN", "DB_PASS", "DATABASE_PASS", "SMTP_PASS", "MAIL_PASS", "EMAIL_PASS", "SECRET_API_KEY", "PRIVATE_TOKEN", "BOT_TOKEN",
	// Of vendors that have no key for browsers.
	"OPENAI_API_KEY", "OPENAI_KEY", "ANTHROPIC_API_KEY", "SENDGRID_API_KEY", "RESEND_API_KEY", "MAILGUN_API_KEY", "POSTMARK_API_TOKEN", "POSTMARK_SERVER_TOKEN", "TWILIO_AUTH_TOKEN", "SENTRY_AUTH_TOKEN", "GITHUB_TOKEN", "NPM_TOKEN",
	"CLOUDFLARE_API_TOKEN",
}

// switchWords begin the names of settings that speak of a secret and hold none.
var switchWords = []string{"ENABLE", "DISABLE", "SHOW", "HIDE", "ALLOW", "REQUIRE", "FORGOT", "RESET", "CHANGE", "USE", "HAS", "IS", "NO", "WITH"}

// holdsSecret reports whether a name, without its prefix, is that of a secret.
func holdsSecret(name string) bool {
	words := strings.Split(strings.ToUpper(name), "_")
	for _, word := range words[:len(words)-1] {
		if slices.Contains(switchWords, word) {
			return false
		}
	}
	return slices.ContainsFunc(secretEnds, func(end string) bool {
		name := strings.ToUpper(name)
		return name == end || strings.HasSuffix(name, "_"+end)
	})
}

// clientSecrets finds names that put a secret into what browsers load.
func (s *session) clientSecrets(e Environment, subject string) {
	prefixes := slices.Concat(clientPrefixes, e.ClientPrefixes)
	wrong := map[string]bool{}
	n := 0
	for _, list := range [][]envnames.Name{e.Example, e.Production, e.Staging, e.Build} {
		for _, v := range list {
			n++
			for _, prefix := range prefixes {
				if rest, ok := strings.CutPrefix(v.Name, prefix); ok && prefix != "" && holdsSecret(rest) {
					wrong[v.Name] = true
				}
			}
		}
	}
	for name := range wrong {
		s.report.Fail(ruleEnvClient, name, "its prefix puts it into what browsers load, and its name is that of a secret")
	}
	switch {
	case len(wrong) > 0:
	case n == 0:
		s.report.Undecided(ruleEnvClient, subject, "no names of variables are given")
	default:
		s.report.Pass(ruleEnvClient, subject, "no name with a prefix for browsers is that of a secret")
	}
}
