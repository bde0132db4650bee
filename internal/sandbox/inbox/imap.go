package inbox

import (
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

const delimiter = '/'

// reading is a session of IMAP (RFC 9051): the library's store, behind the
// accounts of this host, with folders that are fixed and say what they are for.
type reading struct {
	*imapmemserver.UserSession // nil until the client has signed in
	server                     *Server
}

var _ imapserver.SessionIMAP4rev2 = (*reading)(nil)

// Login takes the whole address and the password.
func (r *reading) Login(username, password string) error {
	a := r.server.accounts[username]
	if a == nil {
		return imapserver.ErrAuthFailed
	}
	if err := a.store.Login(username, password); err != nil {
		return err
	}
	r.UserSession = imapmemserver.NewUserSession(a.store)
	return nil
}

// List names the folders. The one for junk is marked so (RFC 6154), also for
// those who do not ask, as section 2 of it allows.
func (r *reading) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if len(patterns) == 0 {
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: delimiter})
	}
	for _, folder := range []string{folderInbox, folderJunk} {
		asked := slices.ContainsFunc(patterns, func(pattern string) bool { return imapserver.MatchList(folder, delimiter, ref, pattern) })
		if !asked || options.SelectSpecialUse && folder != folderJunk {
			continue
		}
		data := imap.ListData{Mailbox: folder, Delim: delimiter}
		if folder == folderJunk {
			data.Attrs = []imap.MailboxAttr{imap.MailboxAttrJunk}
		}
		if options.ReturnStatus != nil {
			status, err := r.Status(folder, options.ReturnStatus)
			if err != nil {
				return err
			}
			data.Status = status
		}
		if err := w.WriteList(&data); err != nil {
			return err
		}
	}
	return nil
}

var errFixed = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeCannot, Text: "The folders of this account are fixed"}

// Create is refused, as Delete and Rename are: delivery counts on the folders.
func (r *reading) Create(string, *imap.CreateOptions) error { return errFixed }

// Delete is refused.
func (r *reading) Delete(string) error { return errFixed }

// Rename is refused.
func (r *reading) Rename(string, string, *imap.RenameOptions) error { return errFixed }
