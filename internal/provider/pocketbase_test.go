package provider_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// pocketBase is a membership portal that is not ours, as tools/pocketbase
// serves it.
type pocketBase struct {
	URL    string `json:"url"`
	People map[string]struct {
		ID, Email, Password, Organization, Note, Marker string
	} `json:"people"`
}

// pocketBaseProgram builds the portal once a process. It is a module of its own:
// what it depends on is none of the provider's.
var pocketBaseProgram = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "pocketbase-build")
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, "pocketbase")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "..", "tools", "pocketbase")
	if out, err := build.CombinedOutput(); err != nil {
		_ = os.RemoveAll(folder)
		return string(out), err
	}
	return program, nil
})

// startPocketBase serves the portal until the test ends, with collection rules
// that are right or with none.
func startPocketBase(t *testing.T, open bool) pocketBase {
	t.Helper()
	program, err := pocketBaseProgram()
	if err != nil {
		if os.Getenv("LAUNCHREADY_REQUIRE_PEERS") != "" {
			t.Fatalf("PocketBase cannot be built: %v\n%s", err, program)
		}
		t.Skipf("PocketBase cannot be built: %v", err)
	}
	var arguments []string
	if open {
		arguments = append(arguments, "-open")
	}
	cmd := exec.Command(program, arguments...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close() // it ends with its standard input
		_ = cmd.Wait()
	})
	ready := make(chan pocketBase, 1)
	go func() {
		line, err := bufio.NewReader(stdout).ReadBytes('\n')
		var p pocketBase
		if err == nil && json.Unmarshal(line, &p) == nil {
			ready <- p
		}
		_, _ = io.Copy(io.Discard, stdout)
	}()
	select {
	case p := <-ready:
		return p
	case <-time.After(30 * time.Second):
		t.Fatal("PocketBase did not start")
	}
	return pocketBase{}
}

func (p pocketBase) host(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Hostname()
}
