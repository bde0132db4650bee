// Package clitest runs a real terraform or tofu with the provider as users have
// it: a binary in a filesystem mirror, a process of its own. Only tests import
// it.
package clitest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Version of the provider in the mirror.
const Version = "0.1.0"

// Root returns the root of the repository.
func Root(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}

// Program returns the terraform or tofu to run, or skips: make test finds or
// builds one.
func Program(t testing.TB) string {
	t.Helper()
	if program := os.Getenv("TF_ACC_TERRAFORM_PATH"); program != "" {
		return program
	}
	program, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("no terraform: make test finds one or builds OpenTofu")
	}
	return program
}

var build struct {
	once   sync.Once
	binary string
	err    error
}

// Binary builds the provider once a test process, as releases are built.
func Binary(t testing.TB) string {
	t.Helper()
	root := Root(t)
	build.once.Do(func() {
		dir, err := os.MkdirTemp("", "launchready-provider-")
		if err != nil {
			build.err = err
			return
		}
		build.binary = filepath.Join(dir, "terraform-provider-launchready")
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -X main.version="+Version, "-o", build.binary, ".")
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			build.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if build.err != nil {
		t.Fatal(build.err)
	}
	return build.binary
}

// CLI runs commands in a folder with an environment.
type CLI struct {
	Dir     string
	Env     []string // "NAME=value", besides what the mirror needs
	program string
	mirror  string
}

// New prepares to run commands in dir with the provider.
func New(t testing.TB, dir string, env ...string) *CLI {
	t.Helper()
	return NewWith(t, dir, Binary(t), env...)
}

// EmptyProvider builds a provider of the framework without any resource: what
// start-up is measured against.
func EmptyProvider(t testing.TB) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "empty")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./internal/clitest/emptyprovider")
	cmd.Dir, cmd.Env = Root(t), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// NewWith prepares to run commands in dir with a binary in the provider's place.
func NewWith(t testing.TB, dir, binary string, env ...string) *CLI {
	t.Helper()
	c := &CLI{Dir: dir, Env: env, program: Program(t)}
	mirror := t.TempDir()
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(mirror, host, "launchready", "launchready", Version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(binary, filepath.Join(folder, "terraform-provider-launchready_v"+Version)); err != nil {
			t.Fatal(err)
		}
	}
	c.mirror = filepath.Join(mirror, "cli.tfrc")
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	if err := os.WriteFile(c.mirror, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// Run runs a command and returns its exit code and all it printed.
func (c *CLI) Run(t testing.TB, args ...string) (int, string) {
	t.Helper()
	cmd := c.command(args)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

// command prepares a command in the folder, without what the caller's shell has
// configured for its own work.
func (c *CLI) command(args []string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), c.program, args...)
	cmd.Dir = c.Dir
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "LAUNCHREADY_") && !strings.HasPrefix(name, "CLOUDFLARE_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(append(cmd.Env, "TF_CLI_CONFIG_FILE="+c.mirror, "TF_IN_AUTOMATION=1"), c.Env...)
	return cmd
}

// Must runs a command that has to succeed.
func (c *CLI) Must(t testing.TB, args ...string) string {
	t.Helper()
	code, out := c.Run(t, args...)
	if code != 0 {
		t.Fatalf("%v ended with exit code %d:\n%s", args, code, out)
	}
	return out
}
