package peers

import (
	"net"
	"os"
	"strconv"
	"strings"
)

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
