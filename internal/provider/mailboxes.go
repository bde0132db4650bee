package provider

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// mailbox is a named mail account: one that is read, one that sends, or both.
type mailbox struct {
	IMAP     string `json:"imap"`
	SMTP     string `json:"smtp"`
	Username string `json:"username"`
	Password string `json:"password"`
	Address  string `json:"address"`
}

// address is where mail for the mailbox is sent to.
func (m mailbox) address() string {
	if m.Address != "" {
		return m.Address
	}
	return m.Username
}

func (m mailbox) account(server string) probe.MailAccount {
	return probe.MailAccount{Server: server, Username: m.Username, Password: m.Password}
}

// mailboxes reads the accounts, from the environment if the block has none.
func (r *reader) mailboxes(m types.Map) map[string]mailbox {
	if m.IsUnknown() {
		r.unknown = append(r.unknown, "mailboxes")
		return nil
	}
	out := map[string]mailbox{}
	if m.IsNull() {
		if v := r.env("LAUNCHREADY_MAILBOXES"); strings.TrimSpace(v) != "" {
			decoder := json.NewDecoder(strings.NewReader(v))
			decoder.DisallowUnknownFields() // a misspelt field would be an account without a password
			// The error is not shown: it could quote a credential.
			if decoder.Decode(&out) != nil {
				r.diags.AddError("Malformed LAUNCHREADY_MAILBOXES",
					`It must be a JSON object of named mail accounts: {"inbox":{"imap":"imap.example.com:993","username":"...","password":"..."}}. `+
						"Fields are imap, smtp, username, password and address.")
			}
		}
	}
	for name, e := range m.Elements() {
		o, ok := e.(types.Object)
		if !ok {
			continue
		}
		at := path.Root("mailboxes").AtMapKey(name)
		out[name] = mailbox{
			IMAP: r.text(o, at, "imap", ""), SMTP: r.text(o, at, "smtp", ""), Username: r.text(o, at, "username", ""),
			Password: r.text(o, at, "password", ""), Address: r.text(o, at, "address", ""),
		}
	}
	for name, box := range out {
		for _, server := range []struct{ argument, value string }{{"imap", box.IMAP}, {"smtp", box.SMTP}} {
			if server.value == "" {
				continue
			}
			if err := probe.ValidMailServer(server.value); err != nil {
				at := path.Root("mailboxes").AtMapKey(name).AtName(server.argument)
				r.diags.AddAttributeError(at, "Not a mail server", fmt.Sprintf("%s (or LAUNCHREADY_MAILBOXES): %s", at, sentence(err)))
			}
		}
	}
	return out
}

// mailbox finds an account that an argument names. use is "imap" or "smtp", the
// server that it must have.
func (s *shared) mailbox(name, use string, at path.Path) (mailbox, diag.Diagnostics) {
	var diags diag.Diagnostics
	if arg := s.waitsFor("mailboxes"); arg != "" {
		diags.AddAttributeError(at, "The mailbox is not known yet",
			fmt.Sprintf("The argument %s of provider \"launchready\" depends on a value that is known only after apply. "+
				"Give it a value that is known, or apply what makes it first with -target.", arg))
		return mailbox{}, diags
	}
	box, ok := s.settings.mailboxes[name]
	switch {
	case !ok && len(s.settings.mailboxes) == 0:
		diags.AddAttributeError(at, "No mailboxes", fmt.Sprintf("%s is %q, but provider \"launchready\" has no mailboxes: set mailboxes, or the environment variable LAUNCHREADY_MAILBOXES.", at, name))
	case !ok:
		diags.AddAttributeError(at, "Unknown mailbox", fmt.Sprintf("%s is %q; mailboxes of provider \"launchready\" (or LAUNCHREADY_MAILBOXES) has: %s.", at, name, strings.Join(sortedKeys(s.settings.mailboxes), ", ")))
	case use == "imap" && box.IMAP == "", use == "smtp" && box.SMTP == "":
		diags.AddAttributeError(at, "Mailbox without server", fmt.Sprintf("%s is %q, which has no %s: set mailboxes[%q].%s in provider \"launchready\" (or LAUNCHREADY_MAILBOXES) to host:port.", at, name, use, name, use))
	}
	return box, diags
}
