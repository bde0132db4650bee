package internal

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/launchready/terraform-provider-launchready"

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath    string
	Imports, Deps []string
}

// Who may import whom: see CONTRIBUTING.md. A rule is broken by an import in
// the package itself, its tests left aside unless said otherwise.
func TestDependencyRules(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		in := func(prefixes ...string) bool {
			for _, prefix := range prefixes {
				if name == prefix || strings.HasPrefix(name, prefix+"/") {
					return true
				}
			}
			return false
		}
		for _, imported := range p.Imports {
			ours, isOurs := strings.CutPrefix(imported, module+"/")
			of := func(prefixes ...string) bool {
				for _, prefix := range prefixes {
					if isOurs && (ours == prefix || strings.HasPrefix(ours, prefix+"/")) {
						return true
					}
				}
				return false
			}
			external := func(prefix string) bool { return imported == prefix || strings.HasPrefix(imported, prefix+"/") }
			forbidden := ""
			switch {
			case in("internal/readiness") && strings.Contains(strings.Split(imported, "/")[0], "."):
				forbidden = "readiness imports only the standard library"
			case in("internal/mail") && isOurs && !of("internal/mail"):
				forbidden = "mail stands alone"
			case in("internal/ruleset", "internal/edgerules", "internal/edgeranges", "internal/originguard") && isOurs && !of("internal/ruleset"):
				forbidden = "what is known of the edge needs no network"
			case in("internal/gitrepo", "internal/secretscan", "internal/runbook", "internal/envnames") && (isOurs && !of("internal/gitrepo") || imported == "net/http" || imported == "net"):
				forbidden = "what reads files and repositories knows no network"
			// gitrepo, secretscan, runbook and envnames are for a check what probe is: its door to
			// the repository and the files of the user, apart so that they can be tested
			// and measured without one.
			case in("internal/check") && isOurs && !of("internal/readiness", "internal/probe", "internal/mail", "internal/edgeranges", "internal/gitrepo", "internal/secretscan", "internal/runbook", "internal/envnames", "internal/check") ||
				in("internal/check") && of("internal/check") && ours != "internal/check" && !in(ours):
				forbidden = "a check imports readiness, probe, mail, edgeranges, gitrepo, secretscan, runbook, envnames and the frame, never another check"
			case in("internal/handover") && (isOurs && !of("internal/readiness", "internal/mail", "internal/secretscan", "internal/report", "internal/handover") || imported == "net/http" || imported == "net"):
				forbidden = "the handover document is made of values alone"
			case in("internal/monitor/render") && (isOurs || imported == "net/http" || imported == "net"):
				forbidden = "what renders configuration knows no network"
			case external("github.com/tsenart/vegeta") && !in("internal/probe"):
				forbidden = "only probe imports vegeta: a load keeps the rules of all other requests"
			case external("github.com/yuin/goldmark") && !in("internal/runbook"):
				forbidden = "only runbook imports the Markdown library"
			case external("github.com/owenrumney/go-sarif") && !in("internal/report"):
				forbidden = "only report imports the SARIF library"
			case external("github.com/zricethezav/gitleaks") && !in("internal/secretscan"):
				forbidden = "only secretscan imports gitleaks"
			case external("github.com/hashicorp/terraform-plugin-framework") && !in("internal/provider", "internal/clitest/emptyprovider") && name != "":
				forbidden = "only provider imports the Terraform framework"
			case external("github.com/cloudflare/cloudflare-go") && !in("internal/cloudflare"):
				forbidden = "only cloudflare imports the Cloudflare SDK"
			case external("github.com/miekg/dns") && !in("internal/probe", "internal/sandbox/dns", "internal/zonefile"):
				forbidden = "only probe, zonefile and the sandbox's name server import miekg/dns"
			case in("internal/sandbox") && isOurs && !of("internal/sandbox"):
				forbidden = "the sandbox shares no code with the provider"
			case !in("internal/sandbox") && of("internal/sandbox"):
				forbidden = "only tests and the sandbox program import the sandbox"
			}
			if forbidden != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, forbidden)
			}
		}
		if name == "" {
			for _, dep := range p.Deps {
				if dep == "github.com/cloudflare/cloudflare-go/v7" {
					t.Errorf("the provider depends on the root package of the Cloudflare SDK, a million lines")
				}
			}
		}
	}
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("only %d packages found", len(all))
	}
	return all
}
