package message

import (
	"mime"
	"strings"
)

// IsBounceOf reports whether the message is a delivery status notification (RFC
// 3464) that says that a message to the address was not delivered.
func (m *Message) IsBounceOf(address string) bool {
	if !m.IsReport() {
		return false
	}
	parts, _ := m.parts()
	for _, p := range parts {
		if p.mediaType == "message/delivery-status" || p.mediaType == "message/global-delivery-status" { // RFC 6533
			if reportsFailure(string(p.body), address) {
				return true
			}
		}
	}
	return false
}

// IsReport reports whether the message is a delivery status notification.
func (m *Message) IsReport() bool {
	types := m.All("Content-Type")
	if len(types) == 0 {
		return false
	}
	mediaType, params, err := mime.ParseMediaType(types[0])
	return err == nil && mediaType == "multipart/report" && strings.EqualFold(params["report-type"], "delivery-status")
}

// reportsFailure looks for the address among the groups of fields, one a
// recipient, that say so (RFC 3464 section 2.3).
func reportsFailure(report, address string) bool {
	report = strings.ReplaceAll(report, "\r\n", "\n")
	for group := range strings.SplitSeq(report, "\n\n") {
		group = strings.NewReplacer("\n ", " ", "\n\t", " ").Replace(group)
		failed, named := false, false
		for line := range strings.SplitSeq(group, "\n") {
			name, value, _ := strings.Cut(line, ":")
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "action":
				failed = strings.EqualFold(strings.TrimSpace(value), "failed")
			case "final-recipient", "original-recipient":
				_, recipient, _ := strings.Cut(value, ";") // "rfc822; a@b"
				named = named || strings.EqualFold(strings.Trim(strings.TrimSpace(recipient), "<>"), address)
			}
		}
		if failed && named {
			return true
		}
	}
	return false
}
