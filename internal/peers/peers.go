// Package peers runs mail servers that others wrote: Postfix, OpenDKIM and
// Dovecot, as Debian packages them. What the sandbox and the checks believe
// about mail has one author; these have not read it. Only tests import it.
//
// Two organisations are started on loopback addresses of their own. The sending
// service is a Postfix that takes mail from those who sign in and has OpenDKIM
// sign it. The receiver is another Postfix, with an OpenDKIM that verifies, and
// a Dovecot whose mailboxes are read. Nothing outside of a temporary folder is
// read or written: neither /etc nor the system's queue.
package peers

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Names of the two organisations' hosts. Nothing resolves them: whoever
// connects is told where they are.
const (
	SendingHost = "out.sender.example"
	MXHost      = "mx.receiver.example"
	IMAPHost    = "imap.receiver.example"
)

// Selector of the key that OpenDKIM signs with.
const Selector = "peer"

// RequireVariable makes a test fail where it would be skipped for want of a
// server: set to 1 where they are known to be installed.
const RequireVariable = "LAUNCHREADY_REQUIRE_PEERS"

// The folder for unwanted mail, known by its role and not by its name, and as
// Maildir writes it (RFC 3501 section 5.1.3).
const junk, junkFolder = "Unerwünscht", ".Unerw&APw-nscht"

// lifetime ends the servers should a test process die before it ends them.
const lifetime = 10 * time.Minute

// Options say who is served.
type Options struct {
	Domain      string // of the client: signed for when sending, known when receiving
	Resolver    string // host:port, that OpenDKIM asks for keys
	Certificate func(host string) (*tls.Certificate, error)
}

// Account is a user of the servers.
type Account struct{ Address, Password string }

// Mail are the servers while they run. Addresses are host:port.
type Mail struct {
	Sender string // address that the sending service connects from

	Submission string // signs all that readers see, and sends over TLS
	Defaults   string // signs what OpenDKIM does by default: not Message-ID
	Unsigned   string // does not sign
	Plain      string // signs as Submission, and sends without TLS
	IMAP       string

	Product Account // who may submit
	Inbox   Account
	Bounces Account // whose mail comes from and to the client's domain
	Spam    Account // whose mail is put into the folder for unwanted mail

	// Key is the TXT record of Selector; OtherKey is one that nobody signs with.
	Key, OtherKey string
}

// Start starts the servers and ends them with the test. Where they cannot run it
// skips, or fails if RequireVariable is set.
func Start(t testing.TB, o Options) *Mail {
	t.Helper()
	w := &world{t: t, options: o}
	w.find()
	w.settle()
	w.dovecot()
	w.opendkim()
	w.postfix()
	return &w.mail
}

// world is what is being built.
type world struct {
	t       testing.TB
	options Options
	mail    Mail

	program           map[string]string // paths by name
	folder            string
	sending, receives string // addresses of the two organisations
	mx                string // host:port
	nobody, postfixID int    // who owns the mailboxes, and Postfix's files
	logs              []string
}

// find looks for the programs.
func (w *world) find() {
	w.t.Helper()
	absent := func(reason string) {
		w.t.Helper()
		if os.Getenv(RequireVariable) == "1" {
			w.t.Fatalf("%s, and %s is set", reason, RequireVariable)
		}
		w.t.Skipf("%s: mail is not tried on other people's servers (apt-get install postfix opendkim dovecot-imapd)", reason)
	}
	w.program = map[string]string{}
	for _, p := range []struct{ server, name, folders string }{
		{"Postfix", "master", "/usr/lib/postfix/sbin /usr/libexec/postfix"},
		{"OpenDKIM", "opendkim", "/usr/sbin /usr/local/sbin"},
		{"Dovecot", "dovecot", "/usr/sbin /usr/local/sbin"},
		{"Dovecot's IMAP", "imap-login", "/usr/lib/dovecot /usr/libexec/dovecot"},
	} {
		path, err := "", exec.ErrNotFound
		for _, folder := range strings.Fields(p.folders) {
			if err != nil {
				path, err = exec.LookPath(filepath.Join(folder, p.name))
			}
		}
		if err != nil {
			absent(p.server + " is not installed")
		}
		w.program[p.name] = path
	}
	if v, _ := exec.Command(w.program["opendkim"], "-V").Output(); !bytes.Contains(v, []byte("USE_UNBOUND")) {
		absent("OpenDKIM is built without Unbound, so that it cannot ask the test's name server")
	}
	if os.Getuid() != 0 {
		absent("Postfix and Dovecot can be started by root alone")
	}
	for name, id := range map[string]*int{"nobody": &w.nobody, "postfix": &w.postfixID} {
		u, err := user.Lookup(name)
		if err != nil {
			absent("there is no user " + name)
		}
		*id, _ = strconv.Atoi(u.Uid) // a number wherever there is root
	}
}

// settle chooses addresses and makes the folder, keys and accounts.
func (w *world) settle() {
	w.t.Helper()
	// The servers' own users must get in, which they may not in t.TempDir. The
	// name is short: the path of a socket has 107 characters at most.
	var err error
	w.folder, err = os.MkdirTemp("", "peers-")
	w.must(err)
	w.t.Cleanup(func() {
		w.show()
		// What has been told to end may be writing still.
		err := os.RemoveAll(w.folder)
		for range 20 {
			if err == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
			err = os.RemoveAll(w.folder)
		}
		w.t.Error(err)
	})
	w.must(os.Chmod(w.folder, 0o755))

	// Addresses of the loopback interface that nobody else uses: ports on them are
	// free, and stay so until they are taken. They are of the block for tests of
	// networks (RFC 2544), for SPF is not asked of private ones.
	var network [2]byte
	_, _ = rand.Read(network[:]) // never fails (crypto/rand)
	prefix := fmt.Sprintf("198.%d.%d.", 18+network[0]%2, network[1])
	w.sending, w.receives = prefix+"1", prefix+"2"
	w.address(w.sending)
	w.address(w.receives)
	w.mail = Mail{
		Sender:     w.sending,
		Submission: w.port(w.sending), Defaults: w.port(w.sending), Unsigned: w.port(w.sending), Plain: w.port(w.sending),
		IMAP:    w.port(w.receives),
		Product: Account{"product@sender.example", rand.Text()},
		Inbox:   Account{"launch-test@receiver.example", rand.Text()},
		Bounces: Account{"portal@" + w.options.Domain, rand.Text()},
		Spam:    Account{"suspicious@receiver.example", rand.Text()},
	}
	w.mx = w.port(w.receives)
	for _, host := range []string{SendingHost, MXHost, IMAPHost} {
		certificate, err := w.options.Certificate(host)
		w.must(err)
		chain := []byte{}
		for _, der := range certificate.Certificate {
			chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
		}
		key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
		w.must(err)
		w.write(host+".pem", string(chain), 0o644)
		w.write(host+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})), 0o600)
	}
	key, record := w.signingKey()
	w.write("dkim.key", key, 0o600)
	w.mail.Key = record
	_, w.mail.OtherKey = w.signingKey()
}

// address gives the loopback interface an address for the length of the test.
func (w *world) address(address string) {
	w.t.Helper()
	if out, err := exec.Command("ip", "address", "add", address+"/32", "dev", "lo").CombinedOutput(); err != nil {
		w.t.Skipf("the loopback interface takes no further address (%v %s): mail is not tried on other people's servers", err, out)
	}
	w.t.Cleanup(func() { _ = exec.Command("ip", "address", "del", address+"/32", "dev", "lo").Run() })
}

// signingKey makes a key and its record.
func (w *world) signingKey() (private, record string) {
	w.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	w.must(err)
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	w.must(err)
	private = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	return private, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public)
}
