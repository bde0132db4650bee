package originguard

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// nft takes the table twice; nothing is put into the kernel.
func TestNFTables(t *testing.T) {
	t.Parallel()
	nft := need(t, "nft")
	file := filepath.Join(t.TempDir(), "edge.nft")
	text := ranges("192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32").NFTables()
	if err := os.WriteFile(file, []byte(text+text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), nft, "-c", "-f", file).CombinedOutput()
	if err != nil && strings.Contains(string(out), "Operation not permitted") {
		t.Skip("nft may not be asked here")
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// In a network of its own: what was loaded before is gone, rules and ranges.
func TestNFTablesAgain(t *testing.T) {
	t.Parallel()
	need(t, "nft")
	out := inNetwork(t, "nft", map[string]string{
		"before": ranges("192.0.2.0/24", "203.0.113.0/24", "2001:db8::/32").NFTables(),
		"after":  ranges("192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32").NFTables(),
	}, "nft -f before && nft -f after && nft list ruleset")
	if !strings.Contains(out, "198.51.100.0/24") || strings.Contains(out, "203.0.113.0/24") {
		t.Errorf("ranges are not those of the second run:\n%s", out)
	}
	if strings.Count(out, "udp dport 443 drop") != 1 || strings.Count(out, "ct original proto-dst") != 3 {
		t.Errorf("rules are there more than once, or not at all:\n%s", out)
	}
}

// inNetwork runs a script beside files in namespaces of its own, or skips where
// that is not allowed.
func inNetwork(t *testing.T, program string, files map[string]string, script string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(script string) (string, error) {
		cmd := exec.CommandContext(context.Background(), "unshare", "--net", "--mount", "sh", "-ec", script)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(program + " --version && ! nft list ruleset 2>&1 | grep -q permitted"); err != nil {
		t.Skipf("no network of its own here: %v %s", err, out)
	}
	out, err := run(script)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

// ufw keeps one list for each family, of which prepend puts a rule on top unless it
// is there already, and delete takes one away. This does so with the commands.
func ufw(list []string, commands string) []string {
	for line := range strings.Lines(commands) {
		line = strings.TrimSpace(line)
		if rule, ok := strings.CutPrefix(line, "ufw delete "); ok {
			list = slices.DeleteFunc(list, func(l string) bool { return l == rule })
		} else if rule, ok := strings.CutPrefix(line, "ufw prepend "); ok && !slices.Contains(list, rule) {
			list = append([]string{rule}, list...)
		}
	}
	return list
}

// The commands end right on a host where everybody was allowed, and where they ran before.
func TestUFW(t *testing.T) {
	t.Parallel()
	const old = "allow proto tcp from 192.0.2.0/24 to any port 80,443"
	list := []string{"allow 80/tcp", old}
	for _, r := range []Ranges{ranges("192.0.2.0/24", "2001:db8::/32"), ranges("192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32")} {
		list = ufw(list, r.UFW())
		deny := slices.Index(list, "deny proto tcp to any port 80,443")
		if deny < 0 || slices.Index(list, "allow 80/tcp") < deny {
			t.Errorf("the refusal is below what was allowed earlier: %q", list)
		}
		for _, p := range r.all() {
			if at := slices.Index(list, "allow proto tcp from "+p.String()+" to any port 80,443"); at < 0 || at > deny {
				t.Errorf("%s is below the refusal: %q", p, list)
			}
		}
		if seen := len(r.all()) + 3; len(list) != seen {
			t.Errorf("%d rules, not %d: %q", len(list), seen, list)
		}
	}
}
