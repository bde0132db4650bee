package clitest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Usage is what a command took.
type Usage struct {
	Wall     time.Duration
	CLI      int64 // most memory of the program itself at a time, in bytes (resident set); 0 where /proc is not
	Provider int64 // the same of the largest of the provider's processes
}

// Measure is Run that also tells what it took. Processes are looked at every few
// milliseconds: the kernel keeps the peak of each until it ends.
func (c *CLI) Measure(t testing.TB, args ...string) (use Usage, code int, out string) {
	t.Helper()
	cmd := c.command(args)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			use.Wall = time.Since(began)
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			return use, cmd.ProcessState.ExitCode(), text.String()
		case <-tick.C:
			use.CLI = max(use.CLI, peak(cmd.Process.Pid))
			for _, child := range children(cmd.Process.Pid) {
				use.Provider = max(use.Provider, peak(child))
			}
		}
	}
}

// children are the processes that a process started: a CLI starts providers alone.
func children(pid int) (out []int) {
	lists, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list) // ended meanwhile
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				out = append(out, child)
			}
		}
	}
	return out
}

// peak is the most memory that a process had at a time, in bytes.
func peak(pid int) int64 {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	_, rest, _ := strings.Cut(string(text), "\nVmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "kB")), 10, 64)
	return kib << 10
}
