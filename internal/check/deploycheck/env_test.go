package deploycheck

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/envnames"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// variablesOf reads names as a list; a - behind one says that it is empty.
func variablesOf(text string) []envnames.Name {
	var out []envnames.Name
	for _, word := range strings.Fields(text) {
		name, empty := strings.CutSuffix(word, "-")
		out = append(out, envnames.Name{Name: name, Empty: empty})
	}
	return out
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("a", 64)
	for name, tt := range map[string]struct {
		of   Environment
		want []string // subjects that fail, of both rules
	}{
		"alike":               {Environment{Production: variablesOf("A B"), Staging: variablesOf("B A")}, nil},
		"missing":             {Environment{Production: variablesOf("A"), Staging: variablesOf("A B")}, []string{"B (production)"}},
		"one too many":        {Environment{Production: variablesOf("A B"), Staging: variablesOf("A")}, []string{"B (staging)"}},
		"meant for one":       {Environment{Production: variablesOf("A SENTRY_DSN"), Staging: variablesOf("A MOCK_MAIL"), OnlyProduction: []string{"SENTRY_*"}, OnlyStaging: []string{"MOCK_*"}}, nil},
		"nowhere":             {Environment{Example: variablesOf("A B-"), Production: variablesOf("A"), Staging: variablesOf("A")}, []string{"B (production)"}},
		"set in the build":    {Environment{Example: variablesOf("A VITE_X"), Production: variablesOf("A"), Staging: variablesOf("A"), Build: variablesOf("VITE_X")}, nil},
		"undocumented":        {Environment{Example: variablesOf("A"), Production: variablesOf("A B"), Staging: variablesOf("A B")}, []string{"B (example)"}},
		"optional":            {Environment{Example: append(variablesOf("A"), envnames.Name{Name: "B", Optional: true}, envnames.Name{Name: "C", Optional: true}), Production: variablesOf("A B"), Staging: variablesOf("A B")}, nil},
		"of an image":         {Environment{Example: variablesOf("A"), Production: variablesOf("A PYTHON_VERSION GPG_KEY REDIS_SERVICE_HOST REDIS_PORT_6379_TCP_ADDR"), Staging: variablesOf("A")}, nil},
		"a vendor's secret":   {Environment{Production: variablesOf("VITE_OPENAI_API_KEY NEXT_PUBLIC_RESEND_API_KEY VITE_SMTP_PASS"), Required: []string{"VITE_SMTP_PASS"}}, []string{"NEXT_PUBLIC_RESEND_API_KEY", "VITE_OPENAI_API_KEY", "VITE_SMTP_PASS"}},
		"empty":               {Environment{Production: variablesOf("A-"), Staging: variablesOf("A")}, []string{"A (production)"}},
		"empty on staging":    {Environment{Production: variablesOf("A"), Staging: variablesOf("A-")}, []string{"A (staging)"}},
		"empty in both":       {Environment{Production: variablesOf("A-"), Staging: variablesOf("A-")}, nil},
		"required":            {Environment{Production: variablesOf("A"), Staging: variablesOf("A"), Required: []string{"B"}}, []string{"B (production)", "B (staging)"}},
		"required and empty":  {Environment{Production: variablesOf("A-"), Staging: variablesOf("A"), Required: []string{"A"}}, []string{"A (production)"}},
		"of the platform":     {Environment{Production: variablesOf("A VERCEL_URL CF_PAGES PORT"), Staging: variablesOf("A RENDER_SERVICE_ID NODE_ENV AWS_REGION")}, nil},
		"... and required":    {Environment{Production: variablesOf("A"), Staging: variablesOf("A PORT"), Required: []string{"PORT"}}, []string{"PORT (production)"}},
		"ignored":             {Environment{Production: variablesOf("A"), Staging: variablesOf("A DEBUG_X"), Ignore: []string{"DEBUG_*"}}, nil},
		"one value":           {Environment{Production: variablesOf("A"), Staging: variablesOf("A"), MustDiffer: []string{"A"}, ProductionDigests: map[string]string{"A": digest}, StagingDigests: map[string]string{"A": strings.ToUpper(digest)}}, []string{"A (difference)"}},
		"two values":          {Environment{Production: variablesOf("A"), Staging: variablesOf("A"), MustDiffer: []string{"A"}, ProductionDigests: map[string]string{"A": digest}, StagingDigests: map[string]string{"A": strings.Repeat("b", 64)}}, nil},
		"for browsers":        {Environment{Production: variablesOf("NEXT_PUBLIC_STRIPE_SECRET_KEY VITE_DB_PASSWORD REACT_APP_SUPABASE_SERVICE_ROLE_KEY"), Staging: variablesOf("NEXT_PUBLIC_STRIPE_SECRET_KEY VITE_DB_PASSWORD REACT_APP_SUPABASE_SERVICE_ROLE_KEY")}, []string{"NEXT_PUBLIC_STRIPE_SECRET_KEY", "REACT_APP_SUPABASE_SERVICE_ROLE_KEY", "VITE_DB_PASSWORD"}},
		"public by nature":    {Environment{Production: variablesOf("NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY VITE_SUPABASE_ANON_KEY NEXT_PUBLIC_SENTRY_DSN VITE_FIREBASE_API_KEY NEXT_PUBLIC_MAPBOX_ACCESS_TOKEN VITE_SHOW_FORGOT_PASSWORD NEXT_PUBLIC_PASSWORD_MIN_LENGTH STRIPE_SECRET_KEY"), Required: []string{"STRIPE_SECRET_KEY"}}, nil},
		"a prefix of its own": {Environment{Production: variablesOf("APP_WEB_SECRET"), Required: []string{"APP_WEB_SECRET"}, ClientPrefixes: []string{"APP_WEB_"}}, []string{"APP_WEB_SECRET"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, spec := healthyWorld()
			if tt.of.Staging == nil {
				spec.Staging = nil
			}
			spec.Environment = &tt.of
			r := w.run(t, spec)
			got := append(said(r, ruleEnvParity, readiness.Fail), said(r, ruleEnvClient, readiness.Fail)...)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s\n%s\n%s", diff, texts(r, ruleEnvParity), texts(r, ruleEnvClient))
			}
			passes := len(said(r, ruleEnvParity, readiness.Pass)) > 0
			if wrong := len(said(r, ruleEnvParity, readiness.Fail)) > 0; passes == wrong {
				t.Errorf("pass: %v, fail: %v", passes, wrong)
			}
		})
	}
}

// What is not given is not compared, and is no pass.
func TestEnvironmentHalfGiven(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]Environment{
		"no production":      {Staging: variablesOf("A")},
		"no staging":         {Production: variablesOf("A"), Example: variablesOf("A")},
		"a digest is wanted": {Production: variablesOf("A"), Staging: variablesOf("A"), MustDiffer: []string{"A"}},
	} {
		w, spec := healthyWorld()
		spec.Environment = &of
		if r := w.run(t, spec); len(said(r, ruleEnvParity, readiness.Pass)) > 0 || len(said(r, ruleEnvParity, readiness.Inconclusive)) == 0 {
			t.Errorf("%s: %s", name, texts(r, ruleEnvParity))
		}
	}
}

func TestParsePlan(t *testing.T) {
	t.Parallel()
	plan, err := ParsePlan([]byte(`{"format_version":"1.2","timestamp":"2026-11-29T10:00:00Z","planned_values":{},"resource_changes":[
		{"address":"a.kept","change":{"actions":["no-op"],"after":{"password":"s3cr3t"}}},{"address":"data.b.read","change":{"actions":["read"]}},
		{"address":"c.new","change":{"actions":["delete","create"]}}]}`))
	if err != nil || plan.Made.IsZero() || plan.Errored {
		t.Fatalf("%+v, %v", plan, err)
	}
	if diff := cmp.Diff([]string{"c.new"}, plan.Changes); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"", "{}", "no", `{"format_version":"1.0","values":{}}`} {
		if _, err := ParsePlan([]byte(text)); !errors.Is(err, ErrNoPlan) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
