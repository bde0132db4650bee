package portal

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

// invoice belongs to one member.
type invoice struct {
	ID        string `json:"id"`
	Number    string `json:"number"`
	Amount    string `json:"amount"`
	Reference string `json:"reference"`
	owner     string // user id
}

func invoices() []invoice {
	return []invoice{
		{"5001", "N-2026-0001", "120.00 EUR", Marker("member_a"), "usr_7k2m"},
		{"5002", "S-2026-0001", "90.00 EUR", Marker("member_b"), "usr_9x4q"},
		{"5003", "N-2026-0002", "120.00 EUR", Marker("member_c"), "usr_4d7n"},
		{"5004", "S-2026-0002", "90.00 EUR", Marker("disposable"), "usr_8w2k"},
	}
}

func invoiceOf(id string) (invoice, bool) {
	for _, i := range invoices() {
		if i.ID == id {
			return i, true
		}
	}
	return invoice{}, false
}

// listInvoices are the member's own.
func (p *Portal) listInvoices(w http.ResponseWriter, _ *http.Request, u user) {
	out := []invoice{}
	for _, i := range invoices() {
		if i.owner == u.ID {
			out = append(out, i)
		}
	}
	answer(w, http.StatusOK, map[string]any{"invoices": out})
}

// The three ways to one invoice: by path, by query and by body.

func (p *Portal) invoice(w http.ResponseWriter, r *http.Request, u user) {
	p.showInvoice(w, r, u, r.PathValue("id"))
}

func (p *Portal) invoiceByQuery(w http.ResponseWriter, r *http.Request, u user) {
	p.showInvoice(w, r, u, r.URL.Query().Get("id"))
}

func (p *Portal) lookupInvoice(w http.ResponseWriter, r *http.Request, u user) {
	var in struct{ ID string }
	if decode(w, r, &in) {
		p.showInvoice(w, r, u, in.ID)
	}
}

// showInvoice answers 404 for what is another's, so that it does not tell what
// exists.
func (p *Portal) showInvoice(w http.ResponseWriter, r *http.Request, u user, id string) {
	found, ok := invoiceOf(id)
	switch {
	case !ok:
	case u.owns(found.owner), p.On(InvoiceUnchecked),
		p.On(AnonymousObject) && u.ID == "": // the owner is compared only where there is a user
		if wanted, ok := invoiceOf(p.named(r, id)); ok {
			found = wanted
		}
		answer(w, http.StatusOK, found)
		return
	}
	refuse(w, http.StatusNotFound)
}

// named is the id of what is shown once it is known that the request may: the
// one that was looked at. A fault lets another place of the request win.
func (p *Portal) named(r *http.Request, id string) string {
	if ids := r.URL.Query()["id"]; len(ids) > 0 && p.On(IDByQuery) {
		return ids[len(ids)-1]
	}
	if p.On(IDByBody) && r.Body != nil {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		var in struct{ ID string }
		if err == nil && json.Unmarshal(body, &in) == nil && in.ID != "" {
			return in.ID
		}
	}
	return id
}
