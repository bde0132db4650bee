package modules_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
)

// What an installation put there and a later one does not have goes; what somebody
// else put there stays.
func TestInstallModules(t *testing.T) {
	to := filepath.Join(t.TempDir(), "plug ins", "modules")
	install := func() {
		t.Helper()
		if out, err := exec.Command(filepath.Join(clitest.Root(t), "scripts", "install-modules.sh"), to).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	there := func(name string) bool {
		_, err := os.Stat(filepath.Join(to, name))
		return !errors.Is(err, fs.ErrNotExist)
	}
	install()
	for name, want := range map[string]bool{
		"launch/main.tf": true, "launch/README.md": true, "verify/variables.tf": true, "launch/examples/usual/main.tf": true, "launch/tests": false, "modules_test.go": false,
	} {
		if there(name) != want {
			t.Errorf("%s is there: %v", name, !want)
		}
	}
	// As if an older version had had them; and a file of the user's own.
	for _, name := range []string{"launch/old.tf", "gone/deep/main.tf", "launch/own.tf", "mine/main.tf"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(to, name), "# ")
	}
	list, err := os.ReadFile(filepath.Join(to, ".installed"))
	if err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(filepath.Dir(to), "outside")
	writeFile(t, outside, "")
	writeFile(t, filepath.Join(to, ".installed"), string(list)+"launch/old.tf\ngone/deep/main.tf\n../outside\n")
	install()
	for name, want := range map[string]bool{"launch/main.tf": true, "launch/old.tf": false, "gone": false, "launch/own.tf": true, "mine/main.tf": true, "../outside": true} {
		if there(name) != want {
			t.Errorf("the second time, %s is there: %v", name, !want)
		}
	}
}
