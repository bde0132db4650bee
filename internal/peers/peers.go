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
	"net"
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

// dovecot starts the receiver's mailboxes. It also knows who may submit: Postfix
// asks it. A wrong password slows down only the one who gave it, not all that
// come from its address, which here is everybody's.
func (w *world) dovecot() {
	w.t.Helper()
	w.mkdir("imap", 0)
	w.mkdir("mail", w.nobody)
	var users strings.Builder
	for _, a := range []Account{w.mail.Product, w.mail.Inbox, w.mail.Bounces, w.mail.Spam} {
		users.WriteString(a.Address + ":{PLAIN}" + a.Password + "\n")
	}
	w.write("imap/users", users.String(), 0o644)
	host, port, _ := net.SplitHostPort(w.mail.IMAP)
	w.write("imap/dovecot.conf", w.fill(`
base_dir = {folder}/imap/run
state_dir = {folder}/imap/state
log_path = {folder}/imap/log
listen = `+host+`
protocols = imap
ssl = required
ssl_cert = <{folder}/`+IMAPHost+`.pem
ssl_key = <{folder}/`+IMAPHost+`.key
auth_mechanisms = plain
mail_location = maildir:{folder}/mail/%u/Maildir
passdb {
  driver = passwd-file
  args = {folder}/imap/users
}
userdb {
  driver = static
  args = uid={nobody} gid={nobody} home={folder}/mail/%u
}
namespace inbox {
  inbox = yes
  mailbox `+junk+` {
    special_use = \Junk
    auto = create
  }
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = `+port+`
    ssl = yes
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener {folder}/imap/submission {
    mode = 0666
  }
}
`), 0o644)
	w.logs = append(w.logs, "imap/log")
	w.run("dovecot", "-F", "-c", w.path("imap/dovecot.conf"))
	w.listening(w.mail.IMAP)
}

// opendkim starts the filter that signs and the one that verifies. OpenDKIM's
// Nameservers takes no port, so the resolver within it, Unbound, is configured
// to ask the given one, and to forget what it was told.
func (w *world) opendkim() {
	w.t.Helper()
	host, port, err := net.SplitHostPort(w.options.Resolver)
	w.must(err)
	w.write("unbound.conf", `server:
  do-not-query-localhost: no
  module-config: "iterator"
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
forward-zone:
  name: "."
  forward-addr: `+host+"@"+port+"\n", 0o644)
	// Canonicalization and OversignHeaders are Debian's.
	sign := `Mode s
UMask 000
Domain ` + w.options.Domain + `
Selector ` + Selector + `
KeyFile {folder}/dkim.key
RequireSafeKeys no
Canonicalization relaxed/simple
OversignHeaders From
Syslog no
`
	for _, filter := range []struct{ name, config string }{
		{"sign", sign + "SignHeaders *,+message-id\n"},
		{"defaults", sign},
		{"verify", `Mode v
UMask 000
ResolverConfiguration {folder}/unbound.conf
AlwaysAddARHeader yes
Syslog no
`},
	} {
		w.write(filter.name+".conf", w.fill(filter.config+"Socket local:{folder}/"+filter.name+".sock\n"), 0o644)
		w.run("opendkim", "-f", "-x", w.path(filter.name+".conf"))
		w.until("OpenDKIM listens", func() bool {
			_, err := os.Stat(w.path(filter.name + ".sock"))
			return err == nil
		})
	}
}

// postfix starts the sending service and the receiver's mail exchanger.
func (w *world) postfix() {
	w.t.Helper()
	const common = `compatibility_level = 3.6
queue_directory = {folder}/{name}/queue
data_directory = {folder}/{name}/data
maillog_file = {folder}/{name}/log
maillog_file_prefixes = {folder}
myhostname = {host}
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks =
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtpd_tls_cert_file = {folder}/{host}.pem
smtpd_tls_key_file = {folder}/{host}.key
`
	const services = `cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
plain unix - - n - - smtp
  -o smtp_tls_security_level=none
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
	// What "postfix check" makes, which takes seconds. There is no maildrop, for
	// nothing is handed in on this machine.
	const queue = `data queue/active queue/bounce queue/corrupt queue/defer queue/deferred queue/flush queue/hold
queue/incoming queue/private queue/public queue/saved queue/trace queue/pid`
	for _, instance := range []struct{ name, host, address, main, ports string }{
		{"mx", MXHost, w.receives, `virtual_mailbox_domains = receiver.example, ` + w.options.Domain + `
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{ ` + w.inboxes() + ` }
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
recipient_delimiter = +
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtpd_milters = unix:{folder}/verify.sock
`, w.mx + " inet n - n - - smtpd\n"},
		{"out", SendingHost, w.sending, `relayhost = ` + bracketed(w.mx) + `
smtp_bind_address = {address}
smtp_tls_security_level = encrypt
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/imap/submission
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_milters = unix:{folder}/sign.sock
`, w.mail.Submission + " inet n - n - - smtpd\n" +
			w.mail.Defaults + " inet n - n - - smtpd\n  -o smtpd_milters=unix:{folder}/defaults.sock\n" +
			w.mail.Unsigned + " inet n - n - - smtpd\n  -o smtpd_milters=\n" +
			w.mail.Plain + " inet n - n - - smtpd\n  -o content_filter=plain:" + bracketed(w.mx) + "\n"},
	} {
		fill := func(text string) string {
			return strings.NewReplacer("{name}", instance.name, "{host}", instance.host, "{address}", instance.address).Replace(w.fill(text))
		}
		w.mkdir(instance.name, 0)
		w.mkdir(instance.name+"/queue", 0)
		for _, folder := range strings.Fields(queue) {
			w.mkdir(instance.name+"/"+folder, w.postfixID)
		}
		w.write(instance.name+"/main.cf", fill(common+instance.main), 0o644)
		w.write(instance.name+"/master.cf", fill(instance.ports+services), 0o644)
		w.logs = append(w.logs, instance.name+"/log")
		w.run("master", "-c", w.path(instance.name), "-s", "-e", strconv.Itoa(int(lifetime.Seconds())))
	}
	for _, address := range []string{w.mx, w.mail.Submission, w.mail.Defaults, w.mail.Unsigned, w.mail.Plain} {
		w.listening(address)
	}
}

// inboxes say where the receiver puts whose mail.
func (w *world) inboxes() string {
	var out []string
	for _, a := range []Account{w.mail.Inbox, w.mail.Bounces, w.mail.Spam} {
		place := a.Address + "/Maildir/"
		if a == w.mail.Spam {
			place += junkFolder + "/"
		}
		out = append(out, "{ "+a.Address+" = "+place+" }")
	}
	return strings.Join(out, ", ")
}

// bracketed is host:port as Postfix takes it where nothing is to be looked up.
func bracketed(address string) string {
	host, port, _ := net.SplitHostPort(address)
	return "[" + host + "]:" + port
}
