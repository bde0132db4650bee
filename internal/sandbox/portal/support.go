package portal

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// What a release can spoil of what helps members and those who find holes.
const (
	StatusPageDown      Switch = "status_page_down"      // the status page answers 502
	SecurityTxtMissing  Switch = "security_txt_missing"  // there is no security.txt
	SecurityTxtExpired  Switch = "security_txt_expired"  // security.txt has expired
	SecurityTxtUndated  Switch = "security_txt_undated"  // security.txt has no Expires
	CancelPageMissing   Switch = "cancel_page_missing"   // nobody can cancel by themselves
	TrapReluctantOffice Switch = "trap_reluctant_office" // pages that programs do not get
)

// supportRoutes are the pages by which people help themselves.
func (p *Portal) supportRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /status", p.statusPage)
	mux.HandleFunc("GET /.well-known/security.txt", p.securityTxt)
	mux.HandleFunc("GET /forgot", func(w http.ResponseWriter, _ *http.Request) {
		plainPage(w, http.StatusOK, "Forgot your password?", `<form method="post" action="/api/password-reset"><label>E-mail <input name="email" type="email"></label><button>Send the link</button></form>`)
	})
	mux.HandleFunc("GET /cancel", func(w http.ResponseWriter, r *http.Request) {
		if p.On(CancelPageMissing) {
			http.NotFound(w, r)
			return
		}
		plainPage(w, http.StatusOK, "End your membership", `<p>Your access ends with the month. <a href="/login">Sign in</a> to confirm.</p>`)
	})
	mux.HandleFunc("GET /office/{answer}", p.office)
}

func plainPage(w http.ResponseWriter, status int, title, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"en\"><title>%s</title><h1>%s</h1>%s</html>\n", title, title, body) // the visitor has gone if this fails
}

func (p *Portal) statusPage(w http.ResponseWriter, _ *http.Request) {
	if p.On(StatusPageDown) {
		plainPage(w, http.StatusBadGateway, "Bad gateway", "")
		return
	}
	plainPage(w, http.StatusOK, "Status", "<p>Everything works.</p>")
}

// securityTxt says whom to tell of holes (RFC 9116).
func (p *Portal) securityTxt(w http.ResponseWriter, r *http.Request) {
	if p.On(SecurityTxtMissing) {
		http.NotFound(w, r)
		return
	}
	expires := p.options.Now().AddDate(0, 6, 0)
	if p.On(SecurityTxtExpired) {
		expires = p.options.Now().AddDate(0, -1, 0)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	text := "# Tell us, and we answer within two days.\r\nContact: mailto:security@" + p.options.Domain + "\r\n"
	if !p.On(SecurityTxtUndated) {
		text += "Expires: " + expires.UTC().Format(time.RFC3339) + "\r\n"
	}
	_, _ = io.WriteString(w, text+"Preferred-Languages: en\r\n") // the visitor has gone if this fails
}

// office stands for the tools of others that a runbook links to: they know no
// strangers, and no programs.
func (p *Portal) office(w http.ResponseWriter, r *http.Request) {
	if !p.On(TrapReluctantOffice) {
		http.NotFound(w, r)
		return
	}
	switch name := r.PathValue("answer"); name {
	case "moved":
		http.Redirect(w, r, "/office/console", http.StatusMovedPermanently)
	case "circle":
		http.Redirect(w, r, "/office/circle", http.StatusFound)
	case "elsewhere":
		http.Redirect(w, r, "https://sso.office.example/login", http.StatusFound)
	case "console":
		plainPage(w, http.StatusOK, "Sign in", `<form method="post"><input name="user"><input name="password" type="password"></form>`)
	default:
		status, err := strconv.Atoi(name)
		if err != nil || status < 400 || status > 999 {
			http.NotFound(w, r)
			return
		}
		plainPage(w, status, "No", "")
	}
}
