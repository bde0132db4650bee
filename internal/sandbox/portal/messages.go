package portal

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// message is private to its owner.
type message struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	owner string // user id
}

// Bounds of a member's messages.
const (
	maxMessages    = 200
	maxMessageText = 2000 // characters
)

// seedMessages are one of each account that people sign in to.
func seedMessages() map[string]message {
	out := map[string]message{}
	for i, s := range seeds {
		id := "msg_" + string("kqtwzx"[i]) + "4" + s.id[len("usr_"):]
		out[id] = message{id, "Note to self: " + s.marker, s.id}
	}
	return out
}

// MessageOf is the id of the message that an identity has from the start; empty
// for a name that is none.
func MessageOf(identity string) string {
	for _, s := range seeds {
		if s.identity != identity {
			continue
		}
		for id, m := range seedMessages() {
			if m.owner == s.id {
				return id
			}
		}
	}
	return ""
}

// listMessages are the member's own.
func (p *Portal) listMessages(w http.ResponseWriter, _ *http.Request, u user) {
	out := []message{}
	p.mu.RLock()
	for _, m := range p.messages {
		if m.owner == u.ID || p.switches[ListUnscoped] && p.sameOrganization(u, m.owner) {
			out = append(out, m)
		}
	}
	p.mu.RUnlock()
	slices.SortFunc(out, func(a, b message) int { return cmp.Compare(a.ID, b.ID) })
	answer(w, http.StatusOK, map[string]any{"messages": out})
}

// sameOrganization reports whether an account is of the user's organisation.
func (p *Portal) sameOrganization(u user, other string) bool {
	o, ok := p.people.byID(other)
	return ok && u.Organization != "" && o.Organization == u.Organization
}

// oneMessage shows a message to its owner; not even administrators read others'.
func (p *Portal) oneMessage(w http.ResponseWriter, r *http.Request, u user) {
	p.mu.RLock()
	m, ok := p.messages[r.PathValue("id")]
	p.mu.RUnlock()
	switch {
	case ok && m.owner == u.ID,
		ok && p.On(ObjectCrossMember) && p.sameOrganization(u, m.owner):
		answer(w, http.StatusOK, m)
	case ok && p.On(DeniedWithData) && p.sameOrganization(u, m.owner):
		answer(w, http.StatusForbidden, map[string]any{"title": "Forbidden", "status": http.StatusForbidden, "resource": m})
	default:
		refuse(w, http.StatusNotFound)
	}
}

// writeMessage takes {"text"}.
func (p *Portal) writeMessage(w http.ResponseWriter, r *http.Request, u user) {
	var in struct{ Text string }
	if !decode(w, r, &in) {
		return
	}
	if strings.TrimSpace(in.Text) == "" || utf8.RuneCountInString(in.Text) > maxMessageText {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	m := message{"msg_" + strings.ToLower(rand.Text()[:12]), in.Text, u.ID}
	p.mu.Lock()
	own := 0
	for _, other := range p.messages {
		if other.owner == u.ID {
			own++
		}
	}
	full := own >= maxMessages
	if !full {
		p.messages[m.ID] = m
	}
	p.mu.Unlock()
	if full {
		refuse(w, http.StatusConflict)
		return
	}
	w.Header().Set("Location", "/api/messages/"+m.ID)
	answer(w, http.StatusCreated, m)
}

// deleteMessage takes away a message of the member's own.
func (p *Portal) deleteMessage(w http.ResponseWriter, r *http.Request, u user) {
	p.mu.Lock()
	m, ok := p.messages[r.PathValue("id")]
	ok = ok && (m.owner == u.ID || p.switches[DeleteUnchecked])
	if ok {
		delete(p.messages, m.ID)
	}
	p.mu.Unlock()
	if !ok {
		refuse(w, http.StatusNotFound)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
