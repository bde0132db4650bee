package emailauth

import (
	"errors"
	"net"
)

// reasonOf is a stable text for a question that was not answered.
func reasonOf(err error) string {
	var dnsErr *net.DNSError
	if errors.As(err, &dnsErr) {
		return dnsErr.Name + ": " + dnsErr.Err
	}
	return err.Error()
}
