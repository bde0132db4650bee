package ratecheck

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
)

const (
	accountMark  = "{{account}}"
	passwordMark = "{{password}}"
)

// Validate returns what cannot work, in words for the user.
func (e Endpoint) Validate() error {
	u, err := url.Parse(strings.NewReplacer(accountMark, "x", passwordMark, "x").Replace(e.URL))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("%q is no address such as https://portal.acme.example/api/login", e.URL)
	}
	_, rest, _ := strings.Cut(e.URL, "://")
	if host, _, _ := strings.Cut(rest, "/"); strings.Contains(host, "{{") {
		return errors.New("no mark may stand in the host")
	}
	if e.Requests < 0 || e.Requests > MaxRequests || e.Requests == 1 {
		return fmt.Errorf("requests must be between 2 and %d: an endpoint is sent 200 at most, and a verdict of violation is tried twice", MaxRequests)
	}
	if e.Kind != "" && !slices.Contains(Kinds(), e.Kind) {
		return fmt.Errorf("unknown kind %q", e.Kind)
	}
	full := e.withDefaults()
	if full.Within.Minutes() > 5 {
		return errors.New("within is 5m at most")
	}
	switch len(e.Accounts) {
	case 0:
		if full.Kind.mails() && e.uses(accountMark) && e.Mailbox == nil {
			return fmt.Errorf("an endpoint of kind %q may send mail, and none is sent to invented addresses: name two accounts that are yours, or a mailbox", full.Kind)
		}
		if e.Scope == ByAccount {
			return errors.New("a limit by account is seen only with two test accounts")
		}
		return nil
	case 2:
	default:
		return fmt.Errorf("%d accounts: a limit by account is seen with two", len(e.Accounts))
	}
	if !e.uses(accountMark) {
		return errors.New("accounts are given, but {{account}} stands nowhere in the request")
	}
	a, b := e.Accounts[0].Address, e.Accounts[1].Address
	if a == "" || b == "" || strings.EqualFold(a, b) {
		return errors.New("two different accounts are needed")
	}
	if e.Mailbox != nil && !strings.EqualFold(a, e.Mailbox.Address) {
		return errors.New("the mailbox must be that of the first account")
	}
	return nil
}

// uses reports whether a mark stands anywhere in the request.
func (e Endpoint) uses(mark string) bool {
	if strings.Contains(e.URL, mark) || strings.Contains(e.Body, mark) {
		return true
	}
	for _, values := range e.Header {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, mark) }) {
			return true
		}
	}
	return false
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

func pathOf(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return ""
	case u.Path == "":
		return "/"
	}
	return u.Path
}

// domainOf is the domain of an address, or "".
func domainOf(address string) string {
	if parsed, err := mail.ParseAddress(address); err == nil {
		_, domain, _ := strings.Cut(parsed.Address, "@")
		return domain
	}
	return ""
}
