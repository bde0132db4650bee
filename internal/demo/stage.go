package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// stage is a folder with copies of examples and modules, a mirror with the
// provider, and a running sandbox.
type stage struct {
	ctx     context.Context
	program string
	work    string
	env     []string
	control string
	// repository is the folder of the portal's Git repository.
	repository string
	// environment is the folder with the names of environment variables.
	environment string
	sandbox     *exec.Cmd
}

func newStage(ctx context.Context, version, program, work string) (*stage, error) {
	work, err := filepath.Abs(work)
	if err != nil {
		return nil, err
	}
	s := &stage{ctx: ctx, program: program, work: work}
	if err := os.RemoveAll(work); err != nil {
		return nil, err
	}
	for _, folder := range []string{"examples", "modules"} {
		if err := os.CopyFS(filepath.Join(work, folder), os.DirFS(folder)); err != nil {
			return nil, err
		}
	}
	if err := s.installProvider(version); err != nil {
		return nil, err
	}
	if err := s.startSandbox(); err != nil {
		return nil, err
	}
	// Time at the sandbox's edge passes ten times as fast, so a burst may too. Most
	// acts are about something else: they attack nothing and break nothing.
	now := time.Now()
	given := fmt.Sprintf("burst = \"1s\"\nattack = false\nsign_in = false\noperations = false\nwithin = \"20s\"\nenvironment = %q\nattested_until = %q\n",
		s.environment, now.AddDate(0, 6, 0).Format(time.DateOnly))
	folder := filepath.Join(work, "examples", "client-portal")
	err = errors.Join(os.WriteFile(filepath.Join(folder, "terraform.tfvars"), []byte(given), 0o644),
		redated(filepath.Join(folder, "rotation.md"), now), redated(filepath.Join(folder, "runbook", "README.md"), now))
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// redated gives a document of the example the date of a week ago: the checks want
// it to be recent.
func redated(name string, now time.Time) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	dated := regexp.MustCompile(`\d{4}-\d\d-\d\d`).ReplaceAll(text, []byte(now.AddDate(0, 0, -7).Format(time.DateOnly)))
	return os.WriteFile(name, dated, 0o644)
}

// installProvider makes a filesystem mirror, so that init needs no registry.
func (s *stage) installProvider(version string) error {
	binary, err := os.ReadFile(filepath.Join("bin", "terraform-provider-launchready"))
	if err != nil {
		return fmt.Errorf("%w (make build makes it)", err)
	}
	mirror := filepath.Join(s.work, "mirror")
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		dir := filepath.Join(mirror, host, "launchready", "launchready", version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "terraform-provider-launchready_v"+version), binary, 0o755); err != nil {
			return err
		}
	}
	config := filepath.Join(s.work, "cli.tfrc")
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	s.env = append(callers(), "TF_CLI_CONFIG_FILE="+config)
	return os.WriteFile(config, []byte(text), 0o644)
}

// callers is the caller's environment, less what would change what the demo runs against.
func callers() []string {
	var out []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "LAUNCHREADY_") || strings.HasPrefix(name, "CLOUDFLARE_") || strings.HasPrefix(name, "TF_") {
			continue
		}
		out = append(out, entry)
	}
	return out
}

// startSandbox runs the sandbox program and takes over the environment that it writes.
func (s *stage) startSandbox() error {
	file := filepath.Join(s.work, "sandbox.env")
	s.sandbox = exec.CommandContext(s.ctx, filepath.Join("bin", "launchready-sandbox"), "-env-file", file, "-portal", "as-found", "-edge-speed", "10")
	s.sandbox.Stderr = os.Stderr
	s.sandbox.Cancel = func() error { return s.sandbox.Process.Signal(syscall.SIGTERM) }
	s.sandbox.WaitDelay = 5 * time.Second
	stdout, err := s.sandbox.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.sandbox.Start(); err != nil {
		return err
	}
	ready, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return errors.Join(fmt.Errorf("the sandbox did not start: %w", err), s.close())
	}
	fmt.Print(ready)
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	text, err := os.ReadFile(file)
	if err != nil {
		return errors.Join(err, s.close())
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if !ok {
			continue
		}
		value = unquote(value)
		s.env = append(s.env, name+"="+value)
		switch name {
		case "SANDBOX_CONTROL_URL":
			s.control = value
		case "SANDBOX_REPOSITORY":
			s.repository = value
		case "SANDBOX_ENVIRONMENT":
			s.environment = value
		}
	}
	return nil
}

// unquote undoes the shell's single quotes.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = strings.ReplaceAll(s[1:len(s)-1], `'\''`, "'")
	}
	return s
}

// initialize prepares a copy of an example.
func (s *stage) initialize(example string) error {
	return s.quietly(example, "init", "-input=false")
}

// quietly runs a command that must succeed, and whose output matters only if it does not.
func (s *stage) quietly(example string, args ...string) error {
	var out bytes.Buffer
	if err := s.run(&out, example, 0, args...); err != nil {
		return fmt.Errorf("%w\n%s", err, out.String())
	}
	return nil
}

// terraform runs a command in a copy of an example and wants an exit code.
func (s *stage) terraform(example string, want int, args ...string) error {
	if info, err := os.Stdout.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		args = append(args, "-no-color")
	}
	return s.run(os.Stdout, example, want, args...)
}

func (s *stage) run(out io.Writer, example string, want int, args ...string) error {
	fmt.Printf("$ %s -chdir=examples/%s %s\n", filepath.Base(s.program), example, strings.Join(args, " "))
	cmd := exec.CommandContext(s.ctx, s.program, args...)
	cmd.Dir = filepath.Join(s.work, "examples", example)
	cmd.Env = s.env
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		return fmt.Errorf("%s ended with exit code %d; %d was expected", args[0], got, want)
	}
	return nil
}

// reportSays wants texts in a report.
func (s *stage) reportSays(example, name string, wants ...string) error {
	text, err := os.ReadFile(filepath.Join(s.work, "examples", example, name))
	if err != nil {
		return err
	}
	for _, want := range wants {
		if !bytes.Contains(text, []byte(want)) {
			return fmt.Errorf("the report %s does not say %q", name, want)
		}
	}
	return nil
}

// put sends JSON to the sandbox's control interface.
func (s *stage) put(path string, body any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPut, s.control+path, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	fmt.Printf("$ (sandbox) PUT %s %s\n", path, payload)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	if resp.StatusCode >= 300 {
		return fmt.Errorf("PUT %s: %s: %s", path, resp.Status, answer)
	}
	return nil
}

// finale prints the scorecard and says where the report is.
func (s *stage) finale() error {
	folder := filepath.Join(s.work, "examples", "client-portal")
	text, err := os.ReadFile(filepath.Join(folder, "launch-report.md"))
	if err != nil {
		return err
	}
	card, _, _ := strings.Cut(string(text), "\n## ")
	fmt.Printf("\n=== The scorecard ===\n\n%s\nAll thirteen acts ended as they should.\nHTML report: %s\n", card, filepath.Join(folder, "launch-report.html"))
	return nil
}

func (s *stage) close() error {
	if s.sandbox == nil || s.sandbox.Process == nil {
		return nil
	}
	_ = s.sandbox.Process.Signal(syscall.SIGTERM) // fails if it has ended already
	err := s.sandbox.Wait()
	s.sandbox = nil
	return err
}
