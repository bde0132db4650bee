package modules_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
)

// The script finds the clients in what spreadsheets export, before terraform reads it.
func TestFleetFindsItsClients(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script, err := os.ReadFile(filepath.Join(clitest.Root(t), "examples", "fleet", "fleet.sh"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "fleet.sh"), string(script))
	for name, test := range map[string]struct{ file, want string }{
		"plain":                             {"domain,origin\nacme.example,x\n\nguild.example,y\n", "ok acme.example ok guild.example"},
		"a sheet's export":                  {"\ufeff\"origin\",\"domain\"\r\n\"x\",\"ACME.example\"\r\n", "ok acme.example"},
		"a comma in a field before":         {"note,domain\n\"Acme, Ltd\",acme.example\n", "ok acme.example"},
		"a quotation mark in it":            {"note,domain\n\"the \"\"big\"\", one\",acme.example\n", "ok acme.example"},
		"a name with the root's dot":        {"domain\nacme.example.\n", "ok acme.example"},
		"an address, which is no workspace": {"domain\nhttps://acme.example\n", `"https://acme.example" is no domain`},
		"no such column":                    {"dom\nacme.example\n", "no column domain"},
	} {
		writeFile(t, filepath.Join(dir, "clients.csv"), test.file)
		run := exec.Command("bash", filepath.Join(dir, "fleet.sh"), "plan")
		run.Env = append(os.Environ(), "TERRAFORM=true", "PARALLEL=1", "CLIENTS=")
		out, err := run.CombinedOutput()
		if flat := strings.Join(strings.Fields(string(out)), " "); (err == nil) != strings.HasPrefix(test.want, "ok") || !strings.Contains(flat, test.want) {
			t.Errorf("%s: %v, not %q:\n%s", name, err, test.want, out)
		}
	}
}
