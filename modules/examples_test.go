package modules_test

import (
	"cmp"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// No example of a module rots: each is applied, has nothing to do twice, and goes
// without a rest. Those of launch have tests of their own.
func TestModuleExamples(t *testing.T) {
	clitest.Program(t)
	root := clitest.Root(t)
	dirs, err := filepath.Glob(filepath.Join(root, "modules", "*", "examples", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no module has examples: %v", err)
	}
	for _, dir := range dirs {
		relative, err := filepath.Rel(root, dir)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(relative, filepath.Join("modules", "launch")) {
			continue
		}
		t.Run(relative, func(t *testing.T) {
			t.Parallel()
			state := map[string]string{"dns": sandbox.Empty, "verify": sandbox.Healthy}[strings.Split(relative, string(filepath.Separator))[1]]
			s := start(t, sandbox.Options{State: cmp.Or(state, sandbox.BeforePortal)})
			cli := copiedFor(t, s, relative)
			cli.Env = append(cli.Env, "TF_VAR_google_key="+exampleKey)
			cli.Must(t, "init", "-input=false")
			cli.Must(t, "apply", "-input=false", "-auto-approve")
			if code, out := cli.Run(t, "plan", "-input=false", "-no-color", "-detailed-exitcode"); code != 0 {
				t.Errorf("a second plan: %d\n%s", code, out)
			}
			cli.Must(t, "destroy", "-input=false", "-auto-approve")
		})
	}
}

// exampleKey is a public key of 2,048 bits, as a console shows it.
const exampleKey = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu9HR49a5pc/99qIFx0KxqtCsO33G0Me5Pijngfvwu5ydWIKaY9qmmxfTY+CmXPKoC9nMEVHtMhxnlqgRbUiuGo7FH0jnmNHEQtprL2QL1Km7rvlKMMUzM+NzhijjDZEN4kpcwVxTosIUQc7wdAeUO2bSQVw/gNUz5ET9RYla6SkEwcvQUn9o+0Cy3AaaKLB7NdCPfT9Fo0rwovYdXo0sM1VyNpr84glL72dLizm161PSSYSi4mhcflGOGpoQcXXOepEQcmc1sq8Az0RdZBwK3NQvBiS3yCPcRmPtVrxDUAByivi18yoZdIpadd3OoY7HZfCgBV+9Ak+I379NwsplLwIDAQAB"
