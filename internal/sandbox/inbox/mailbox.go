package inbox

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// Folders of every account.
const (
	folderInbox = "INBOX"
	folderJunk  = "Junk"
)

// Message is one that was received over SMTP.
type Message struct {
	Mailbox  string    `json:"mailbox"` // the account
	Folder   string    `json:"folder"`  // INBOX or Junk
	From     string    `json:"from"`    // the header field
	To       string    `json:"to"`      // the recipient of the envelope
	Subject  string    `json:"subject"`
	Received time.Time `json:"received"`
	Raw      string    `json:"raw"` // with the fields that delivery added
}

// account is one mailbox with its folders.
type account struct {
	address, password string
	store             *imapmemserver.User
}

func newAccount(address, password string) (*account, error) {
	a := &account{address: address, password: password, store: imapmemserver.NewUser(address, password)}
	for _, folder := range []string{folderInbox, folderJunk} {
		if err := a.store.Create(folder, nil); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// literal is a message as the store takes it.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

func (a *account) put(folder string, raw []byte, at time.Time) error {
	_, err := a.store.Append(folder, literal{bytes.NewReader(raw)}, &imap.AppendOptions{Time: at})
	return err
}

// account returns the mailbox of an address; the part of the local part behind
// a plus is a detail that does not matter (RFC 5233).
func (s *Server) account(address string) *account {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	return s.accounts[local+"@"+domain]
}

// Messages returns what was received, in the order it came.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message{}, slices.Clone(s.received)...)
}

// Preload puts n old messages into the INBOX of a mailbox, as one that has
// been in use for long. They were not received, and Messages does not list them.
func (s *Server) Preload(address string, n int) error {
	a := s.accounts[address]
	if a == nil {
		return fmt.Errorf("no mailbox %s", address)
	}
	first := time.Now().Add(-time.Duration(n+1) * time.Minute)
	for i := range n {
		at := first.Add(time.Duration(i) * time.Minute)
		raw := fmt.Sprintf("From: Old news <news@partner.example>\r\nTo: %s\r\nSubject: Issue %d\r\nDate: %s\r\n"+
			"Message-ID: <%d@partner.example>\r\n\r\nNothing has happened.\r\n", address, i+1, at.Format(time.RFC1123Z), i+1)
		if err := a.put(folderInbox, []byte(raw), at); err != nil {
			return err
		}
	}
	return nil
}
