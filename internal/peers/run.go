package peers

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// patience bounds every wait for a server to start or to end.
const patience = 30 * time.Second

// run starts a server in the foreground and ends it with the test.
func (w *world) run(name string, args ...string) {
	w.t.Helper()
	cmd := exec.Command(w.program[name], args...)
	var out output
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second // children may hold the pipe
	dieWithParent(cmd)
	w.must(cmd.Start())
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // a signal ends it
		close(ended)
	}()
	w.t.Cleanup(func() {
		select {
		case <-ended:
			w.t.Errorf("%s ended by itself", name)
		default:
		}
		end := os.Signal(syscall.SIGTERM)
		if name == "opendkim" {
			end = os.Kill // it keeps nothing, and looks for signals every few seconds only
		}
		_ = cmd.Process.Signal(end) // gone already if this fails
		select {
		case <-ended:
		case <-time.After(patience):
			w.t.Errorf("%s did not end", name)
			_ = cmd.Process.Kill()
			<-ended
		}
		if text := out.String(); w.t.Failed() && text != "" {
			w.t.Logf("%s %s:\n%s", name, strings.Join(args, " "), text)
		}
	})
}

// output is what a server prints, while it prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// show prints the servers' logs if the test has failed.
func (w *world) show() {
	if !w.t.Failed() {
		return
	}
	for _, name := range w.logs {
		text, err := os.ReadFile(w.path(name))
		if err != nil {
			text = []byte(err.Error())
		}
		w.t.Logf("%s:\n%s", name, text)
	}
}

// until waits for something.
func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

// listening waits until a server takes connections.
func (w *world) listening(address string) {
	w.t.Helper()
	w.until(address+" takes connections", func() bool {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return false
		}
		conn.Close()
		return true
	})
}

// port is a free port of an address.
func (w *world) port(address string) string {
	w.t.Helper()
	l, err := net.Listen("tcp", address+":0")
	w.must(err)
	defer l.Close()
	return l.Addr().String()
}

func (w *world) path(name string) string { return filepath.Join(w.folder, name) }

// fill puts the folder and the owner of the mailboxes into a configuration.
func (w *world) fill(text string) string {
	return strings.NewReplacer("{folder}", w.folder, "{nobody}", strconv.Itoa(w.nobody)).Replace(text)
}

func (w *world) write(name, text string, mode os.FileMode) {
	w.t.Helper()
	w.must(os.WriteFile(w.path(name), []byte(text), mode))
	w.must(os.Chmod(w.path(name), mode)) // whatever the umask
}

func (w *world) mkdir(name string, owner int) {
	w.t.Helper()
	w.must(os.Mkdir(w.path(name), 0o755))
	w.must(os.Chmod(w.path(name), 0o755))
	w.must(os.Chown(w.path(name), owner, owner)) // -1 changes nothing
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}
