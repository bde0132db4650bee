package clitest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Shell runs what a page tells to paste into a shell, with the program under both of
// its names, and returns its exit code and all it printed.
func (c *CLI) Shell(t testing.TB, script string) (int, string) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	programs := t.TempDir()
	for _, name := range []string{"terraform", "tofu"} {
		if err := os.Symlink(c.program, filepath.Join(programs, name)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := c.command(nil)
	cmd.Path, cmd.Args = bash, []string{"bash", "-c", script}
	cmd.Env = append(cmd.Env, "PATH="+programs+string(filepath.ListSeparator)+os.Getenv("PATH"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}
