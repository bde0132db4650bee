package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Bounds of what is read of a mailbox.
const (
	maxLetter       = 1 << 20
	maxLetters      = 200 // in one run
	maxLettersATime = 20
)

// OpenMailbox implements MailProber, by IMAP (RFC 9051, RFC 3501) over TLS.
func (c *Client) OpenMailbox(ctx context.Context, account MailAccount) (Mailbox, MailFailure) {
	server, err := parseMailServer(account.Server)
	if err != nil {
		return nil, MailFailure{FailOther, err.Error()}
	}
	m := &mailbox{client: c, server: server, account: account}
	if err := m.connect(ctx); err != nil {
		return nil, m.failed(ctx, err)
	}
	return m, MailFailure{}
}

// mailbox is an account under way. The folders outlive a lost connection.
type mailbox struct {
	client  *Client
	server  mailServer
	account MailAccount
	raw     net.Conn
	imap    *imapclient.Client // nil while there is no connection
	folders []folder           // the inbox, then that for unwanted mail
	read    int                // letters read in all
}

// folder remembers how far it has been read.
type folder struct {
	name     string
	junk     bool
	next     imap.UID // the lowest UID that is new
	validity uint32
}

// connect signs in and, the first time, chooses the folders.
func (m *mailbox) connect(ctx context.Context) error {
	raw, conn, err := m.client.connectMail(ctx, m.server, true)
	if err != nil {
		return err
	}
	m.raw, m.imap = raw, imapclient.New(conn, nil)
	if err := m.step(ctx, m.imap.WaitGreeting); err != nil {
		return err
	}
	if err := m.step(ctx, func() error { return m.imap.Login(m.account.Username, m.account.Password).Wait() }); err != nil {
		return loginError(err)
	}
	if m.folders != nil {
		return nil
	}
	folders, err := m.choose(ctx)
	if err != nil {
		return err
	}
	for i := range folders {
		if err := m.begin(ctx, &folders[i]); err != nil {
			return err
		}
	}
	m.folders = folders
	return nil
}

// loginError tells a refusal from a server that cannot just now (RFC 5530).
func loginError(err error) error {
	var said *imap.Error
	switch {
	case !errors.As(err, &said):
		return err
	case said.Code == imap.ResponseCodeUnavailable || said.Code == imap.ResponseCodeInUse || said.Code == imap.ResponseCodeLimit || said.Code == imap.ResponseCodeServerBug:
		return &mailError{FailProtocol, "the server cannot sign anybody in just now"}
	case said.Type == imap.StatusResponseTypeNo:
		return &mailError{FailAuth, "the server refused the user name or the password"}
	}
	return &mailError{FailProtocol, "the server did not understand the sign-in"}
}

// choose finds the folder for unwanted mail: by its role (RFC 6154), else by a
// name that is usual for it.
func (m *mailbox) choose(ctx context.Context) ([]folder, error) {
	out := []folder{{name: "INBOX"}}
	var list []*imap.ListData
	err := m.step(ctx, func() (err error) {
		var options *imap.ListOptions
		if caps := m.imap.Caps(); caps.Has(imap.CapSpecialUse) && caps.Has(imap.CapListExtended) {
			options = &imap.ListOptions{ReturnSpecialUse: true}
		}
		list, err = m.imap.List("", "*", options).Collect()
		return err
	})
	if err != nil {
		return nil, said(err, "the server does not list its folders")
	}
	byName := ""
	for _, l := range list {
		switch {
		case slices.Contains(l.Attrs, imap.MailboxAttrNoSelect) || slices.Contains(l.Attrs, imap.MailboxAttrNonExistent):
		case slices.ContainsFunc(l.Attrs, func(a imap.MailboxAttr) bool { return strings.EqualFold(string(a), string(imap.MailboxAttrJunk)) }):
			return append(out, folder{name: l.Mailbox, junk: true}), nil
		case byName == "" && isJunkName(l.Mailbox, l.Delim):
			byName = l.Mailbox
		}
	}
	if byName != "" {
		out = append(out, folder{name: byName, junk: true})
	}
	return out, nil
}

// isJunkName knows the usual names, at any place: "[Gmail]/Spam", "INBOX.Junk".
func isJunkName(name string, delim rune) bool {
	if delim != 0 {
		name = name[strings.LastIndexByte(name, byte(delim))+1:]
	}
	switch strings.ToLower(name) {
	case "junk", "spam", "junk e-mail", "junk email", "junk mail", "bulk", "bulk mail":
		return true
	}
	return false
}

// begin notes where what is new will begin. What lies there is not read.
func (m *mailbox) begin(ctx context.Context, f *folder) error {
	selected, err := m.examine(ctx, f)
	if err != nil {
		return err
	}
	f.validity, f.next = selected.UIDValidity, selected.UIDNext
	if f.next != 0 {
		return nil
	}
	f.next = 1
	if selected.NumMessages == 0 {
		return nil
	}
	// An old server that does not say UIDNEXT: the last message has the highest UID.
	return said(m.step(ctx, func() error {
		last, err := m.imap.Fetch(imap.SeqSetNum(selected.NumMessages), &imap.FetchOptions{UID: true}).Collect()
		for _, l := range last {
			f.next = max(f.next, l.UID+1)
		}
		return err
	}), "the server does not show the last message of a folder")
}

// examine opens a folder for reading only: not even "recent" changes.
func (m *mailbox) examine(ctx context.Context, f *folder) (selected *imap.SelectData, err error) {
	err = m.step(ctx, func() (err error) {
		selected, err = m.imap.Select(f.name, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	return selected, said(err, "the server does not open a folder")
}

// Next implements Mailbox.
func (m *mailbox) Next(ctx context.Context) MailNews {
	var news MailNews
	if m.imap == nil {
		if err := m.connect(ctx); err != nil {
			news.Failure = m.failed(ctx, err)
			return news
		}
	}
	for i := range m.folders {
		if err := m.look(ctx, &m.folders[i], &news); err != nil {
			news.Failure = m.failed(ctx, err)
			return news
		}
	}
	return news
}

// look reads the new letters of a folder.
func (m *mailbox) look(ctx context.Context, f *folder, news *MailNews) error {
	selected, err := m.examine(ctx, f)
	if err != nil {
		return err
	}
	if selected.UIDValidity != f.validity {
		return &mailError{FailProtocol, "the server has numbered a folder anew: what is new cannot be told"}
	}
	if selected.UIDNext != 0 && selected.UIDNext <= f.next || selected.NumMessages == 0 {
		return nil
	}
	var uids []imap.UID
	err = m.step(ctx, func() error {
		found, err := m.imap.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{{{Start: f.next, Stop: 0}}}}, nil).Wait()
		if err == nil {
			uids = found.AllUIDs()
		}
		return err
	})
	if err != nil {
		return said(err, "the server does not search a folder")
	}
	// "n:*" always names the last message, be it older than n (RFC 9051 section 9).
	uids = slices.DeleteFunc(uids, func(uid imap.UID) bool { return uid < f.next })
	slices.Sort(uids)
	for i, uid := range uids {
		if m.read >= maxLetters {
			news.Overflow = true
			return nil
		}
		if i == maxLettersATime {
			return nil // the rest next time
		}
		letter, err := m.fetch(ctx, uid)
		if err != nil {
			return err
		}
		f.next = uid + 1
		m.read++
		if letter != nil {
			letter.Junk = f.junk
			news.Letters = append(news.Letters, *letter)
		}
	}
	return nil
}

// fetch reads one letter without marking it as seen; nil if it is gone.
func (m *mailbox) fetch(ctx context.Context, uid imap.UID) (letter *Letter, err error) {
	err = m.step(ctx, func() error {
		cmd := m.imap.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{
			UID: true, InternalDate: true,
			BodySection: []*imap.FetchItemBodySection{{Peek: true, Partial: &imap.SectionPartial{Size: maxLetter + 1}}},
		})
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			for item := data.Next(); item != nil; item = data.Next() {
				switch item := item.(type) {
				case imapclient.FetchItemDataInternalDate:
					if letter == nil {
						letter = &Letter{}
					}
					letter.Arrived = item.Time
				case imapclient.FetchItemDataBodySection:
					if item.Literal == nil {
						continue
					}
					raw, err := io.ReadAll(io.LimitReader(item.Literal, maxLetter+1))
					if err != nil {
						break
					}
					if letter == nil {
						letter = &Letter{}
					}
					letter.Raw = raw
				}
			}
		}
		return cmd.Close()
	})
	if err != nil {
		return nil, said(err, "the server does not show a new message")
	}
	if letter == nil || letter.Raw == nil {
		return nil, nil
	}
	if len(letter.Raw) > maxLetter {
		letter.Raw, letter.Truncated = letter.Raw[:maxLetter], true
	}
	return letter, nil
}

// said replaces an answer of the server, whose text is not shown.
func said(err error, meaning string) error {
	var answer *imap.Error
	if errors.As(err, &answer) {
		return &mailError{FailProtocol, meaning}
	}
	return err
}

func (m *mailbox) step(ctx context.Context, do func() error) error {
	return m.client.step(ctx, m.raw, do)
}

// failed words an error and gives the connection up.
func (m *mailbox) failed(ctx context.Context, err error) MailFailure {
	m.drop()
	failure := mailFailure(err)
	m.client.config.Log(ctx, "mailbox", map[string]any{"host": m.server.host, "failure": string(failure.Kind)})
	return failure
}

func (m *mailbox) drop() {
	if m.imap != nil {
		m.raw.Close()
		m.imap.Close()
		m.imap = nil
	}
}

// Close says goodbye, for two seconds at most.
func (m *mailbox) Close() {
	if m.imap == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = m.step(ctx, func() error { return m.imap.Logout().Wait() })
	m.drop()
}
