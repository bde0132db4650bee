package portal

import (
	"crypto/subtle"
	"net/http"
	"net/mail"
	"strings"
	"time"
)

// HookHeader carries the secret that tells the sending service from others.
const HookHeader = "X-Webhook-Secret"

// BounceHook is the path that the sending service posts bounces to.
const BounceHook = "/hooks/bounces"

// HookSecret is what HookHeader must be.
func (p *Portal) HookSecret() string { return p.hookSecret }

// bounces takes what the sending service says of one message. Addresses that
// will never work get no mail from then on.
func (p *Portal) bounces(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get(HookHeader)), []byte(p.hookSecret)) != 1 {
		refuse(w, http.StatusUnauthorized)
		return
	}
	var in struct {
		RecordType, Type, MessageID, Email, Description string
		BouncedAt                                       time.Time
	}
	if !decode(w, r, &in) {
		return
	}
	address, err := mail.ParseAddress(in.Email)
	if err != nil || in.RecordType != "Bounce" {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	p.mu.Lock()
	if in.Type == "HardBounce" && !p.switches[BouncesIgnored] {
		p.suppressed[canonicalAddress(address.Address)] = "hard_bounce"
	}
	p.mu.Unlock()
	if !p.On(BouncesUncounted) {
		p.metrics.bounce()
		p.tell(p.about(r, Event{Level: "warning", Event: EventBounced, Outcome: "failure", User: address.Address}))
	}
	w.WriteHeader(http.StatusNoContent)
}

// suppressions says whether an address gets no mail, and why, to
// administrators and machines.
func (p *Portal) suppressions(w http.ResponseWriter, r *http.Request, u user) {
	if u.Role != roleAdmin && u.Role != roleAPI {
		refuse(w, http.StatusForbidden)
		return
	}
	address, err := mail.ParseAddress(r.URL.Query().Get("address"))
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	p.mu.RLock()
	reason := p.suppressed[canonicalAddress(address.Address)]
	p.mu.RUnlock()
	answer(w, http.StatusOK, struct {
		Address    string `json:"address"`
		Suppressed bool   `json:"suppressed"`
		Reason     string `json:"reason,omitempty"`
	}{address.Address, reason != "", reason})
}

// canonicalAddress is an address as the portal compares them.
func canonicalAddress(address string) string { return strings.ToLower(strings.TrimSpace(address)) }
