package emailauth

import (
	"errors"
	"net"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// undecided is the same for an answer.
func undecided(a probe.Answer) string {
	return string(a.Type) + " " + a.Name + ": " + a.Undecided()
}

// reasonOf is a stable text for a TXT question that was not answered.
func reasonOf(err error) string {
	var dnsErr *net.DNSError
	if errors.As(err, &dnsErr) {
		return "TXT " + dnsErr.Name + ": " + dnsErr.Err
	}
	return err.Error()
}

// notFound reports whether a question was answered: there is nothing.
func notFound(err error) bool {
	var dnsErr *net.DNSError
	return errors.As(err, &dnsErr) && dnsErr.IsNotFound
}
