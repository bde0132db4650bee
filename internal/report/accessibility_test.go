package report

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// peersRequired is set where what a test needs must be there.
const peersRequired = "LAUNCHREADY_REQUIRE_PEERS"

// browser finds a Chromium and the auditor with its modules, or says what is
// missing.
func browser(t *testing.T) (chromium, node, auditor string, err error) {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if chromium, err = exec.LookPath(name); err == nil {
			break
		}
	}
	if err != nil {
		return "", "", "", errors.New("there is no Chromium")
	}
	if node, err = exec.LookPath("node"); err != nil {
		return "", "", "", errors.New("there is no Node.js")
	}
	folder, err := filepath.Abs("../../.cache/axe")
	if err != nil {
		return "", "", "", err
	}
	return chromium, node, filepath.Join(folder, "audit.mjs"), installAuditor(folder)
}

// installAuditor copies tools/axe to a folder that git ignores, with the modules
// at the versions that its lock file names.
func installAuditor(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	changed := false
	for _, name := range []string{"package.json", "package-lock.json", "audit.mjs"} {
		text, err := os.ReadFile(filepath.Join("../../tools/axe", name))
		if err != nil {
			return err
		}
		there, _ := os.ReadFile(filepath.Join(folder, name))
		if string(there) == string(text) {
			continue
		}
		changed = changed || name != "audit.mjs"
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "axe-core", "axe.min.js")); err == nil && !changed {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w: %s", err, out)
	}
	return nil
}

// The report is looked at as people see it, by axe in a browser: on a phone and
// on a desk, light, dark and on paper. Nothing may be wider than the screen, and
// nothing may be asked for beside the page.
func TestHTMLIsAccessible(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a browser")
	}
	chromium, node, auditor, err := browser(t)
	if err != nil {
		if os.Getenv(peersRequired) == "1" {
			t.Fatal(err)
		}
		t.Skipf("%v: the report is not looked at", err)
	}
	dir := t.TempDir()
	var files []string
	write := func(name string, page []byte) {
		file := filepath.Join(dir, name+".html")
		if err := os.WriteFile(file, page, 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	for name, s := range map[string]readiness.Scorecard{"filled": overriddenCard(t), "decided": decidedCard(t)} {
		page, err := HTML(s, Options{GeneratedAt: today})
		if err != nil {
			t.Fatal(err)
		}
		write(name, page)
	}
	if found := audit(t, chromium, node, auditor, files); found != "" {
		t.Errorf("the report:\n%s", found)
	}
	// The auditor sees what is wrong where something is.
	files = nil
	write("bad", []byte(`<!doctype html><title>x</title><p style="color:#bbb;width:2000px">pale and wide</p><img src="missing.png">`))
	found := audit(t, chromium, node, auditor, files)
	for _, want := range []string{`"color-contrast"`, `"image-alt"`, `"html-has-lang"`, `"overflow"`, `"request"`} {
		if !strings.Contains(found, want) {
			t.Errorf("the auditor overlooks %s:\n%s", want, found)
		}
	}
}

// audit runs the auditor and returns what it tells.
func audit(t *testing.T, chromium, node, auditor string, files []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute) // a busy machine is no fault
	defer cancel()
	cmd := exec.CommandContext(ctx, node, append([]string{auditor, chromium}, files...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the auditor: %v: %s", err, stderr.String())
	}
	return string(out)
}
