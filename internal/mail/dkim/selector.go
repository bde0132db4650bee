package dkim

import (
	"errors"
	"fmt"
	"strings"
)

// ValidSelector returns nil if s is a selector: one label or more, without the
// "_domainkey" and the domain that follow it in the DNS (RFC 6376 section 3.1).
// Underscores are let through, because some services use them.
func ValidSelector(s string) error {
	if s == "" {
		return errors.New("the selector is empty")
	}
	labels := strings.Split(strings.ToLower(s), ".")
	for i, label := range labels {
		if label != "_domainkey" {
			continue
		}
		if alone := strings.Join(labels[:i], "."); alone != "" {
			return fmt.Errorf("%q is the name of a record: write the selector alone, %q", s, alone)
		}
		return fmt.Errorf("%q is the name of a record: write the selector alone, which stands before ._domainkey", s)
	}
	for _, label := range labels {
		switch {
		case label == "":
			return fmt.Errorf("%q has an empty label: a selector neither begins nor ends with a dot", s)
		case len(label) > 63:
			return fmt.Errorf("%q has a label of %d octets; 63 are the most", s, len(label))
		case label[0] == '-' || label[len(label)-1] == '-':
			return fmt.Errorf("%q has a label that begins or ends with a hyphen", s)
		case strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "":
			return fmt.Errorf("%q is no selector: its labels are of letters, digits and hyphens", s)
		}
	}
	if len(s) > 240 {
		return fmt.Errorf("the selector has %d octets, which leaves no room for the domain", len(s))
	}
	return nil
}
