package dnscheck

import (
	"cmp"
	"strings"
)

// issuer is a certificate authority and the names by which CAA records allow it.
type issuer struct {
	name    string
	domains []string
}

// issuers are authorities by the organisation in their certificates' issuer,
// with the CAA domains that each recognises by its practice statement (CCADB lists
// them as CAA identifiers), as known in 2025. The first that the
// organisation contains counts.
func issuers() []issuer {
	return []issuer{
		{"Let's Encrypt", []string{"letsencrypt.org"}},
		{"Internet Security Research Group", []string{"letsencrypt.org"}},
		{"Google Trust Services", []string{"pki.goog"}},
		{"SSL Corp", []string{"ssl.com"}},
		{"SSL.com", []string{"ssl.com"}},
		{"ZeroSSL", []string{"sectigo.com", "comodoca.com", "comodo.com", "trust-provider.com", "usertrust.com"}},
		{"Sectigo", []string{"sectigo.com", "comodoca.com", "comodo.com", "trust-provider.com", "usertrust.com"}},
		{"COMODO", []string{"sectigo.com", "comodoca.com", "comodo.com", "trust-provider.com", "usertrust.com"}},
		{"cPanel", []string{"sectigo.com", "comodoca.com", "cpanel.com"}},
		{"Gandi", []string{"sectigo.com", "comodoca.com", "usertrust.com"}},
		{"Certainly", []string{"certainly.com"}},
		{"CLOUDFLARE, INC.", []string{"ssl.com", "digicert.com"}},
		{"USERTRUST", []string{"sectigo.com", "comodoca.com", "comodo.com", "trust-provider.com", "usertrust.com"}},
		{"DigiCert", []string{"digicert.com", "www.digicert.com", "digicert.ne.jp", "cybertrust.ne.jp", "thawte.com", "geotrust.com", "rapidssl.com", "quovadisglobal.com", "symantec.com"}},
		{"GeoTrust", []string{"digicert.com", "www.digicert.com", "geotrust.com", "rapidssl.com"}},
		{"Thawte", []string{"digicert.com", "www.digicert.com", "thawte.com"}},
		{"QuoVadis", []string{"quovadisglobal.com", "digicert.com", "www.digicert.com"}},
		{"GlobalSign", []string{"globalsign.com"}},
		{"Amazon", []string{"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}},
		{"Entrust", []string{"entrust.net", "affirmtrust.com"}},
		{"AffirmTrust", []string{"affirmtrust.com", "entrust.net"}},
		{"Buypass", []string{"buypass.com", "buypass.no"}},
		{"GoDaddy", []string{"godaddy.com", "starfieldtech.com"}},
		{"Starfield", []string{"starfieldtech.com", "godaddy.com"}},
		{"Asseco", []string{"certum.pl", "certum.eu", "yandex.ru"}},
		{"Unizeto", []string{"certum.pl", "certum.eu"}},
		{"Actalis", []string{"actalis.it"}},
		{"Microsoft", []string{"microsoft.com"}},
		{"Apple", []string{"pki.apple.com", "apple.com"}},
		{"HARICA", []string{"harica.gr"}},
		{"Hellenic Academic and Research Institutions", []string{"harica.gr"}},
		{"IdenTrust", []string{"identrust.com"}},
		{"Telekom Security", []string{"telesec.de"}},
		{"T-Systems", []string{"telesec.de"}},
		{"D-Trust", []string{"d-trust.net", "dtrust.de"}},
		{"SwissSign", []string{"swisssign.com", "swisssign.net", "swissign.com"}},
		{"TrustAsia", []string{"trustasia.com"}},
		{"Certigna", []string{"certigna.fr"}},
		{"Dhimyotis", []string{"certigna.fr"}},
		{"Trustwave", []string{"trustwave.com", "securetrust.com"}},
		{"SecureTrust", []string{"trustwave.com", "securetrust.com"}},
		{"Cybertrust Japan", []string{"cybertrust.ne.jp", "jcsinc.co.jp"}},
		{"SECOM", []string{"secomtrust.net"}},
		{"Deutsche Post", []string{"telesec.de"}},
		{"TWCA", []string{"twca.com.tw"}},
		{"TAIWAN-CA", []string{"twca.com.tw"}},
		{"GMO", []string{"globalsign.com"}},
		{"WoTrus", []string{"wotrus.com", "wosign.com"}},
		{"China Financial Certification Authority", []string{"cfca.com.cn"}},
	}
}

// issuerOf finds the authority of a certificate by its issuer's organisation.
// What is not known has no domains.
func issuerOf(organisation []string, commonName string) issuer {
	text := strings.Join(organisation, " ")
	for _, known := range issuers() {
		if folded := strings.ToLower(strings.ReplaceAll(text, ".", "")); text != "" && strings.Contains(folded, strings.ToLower(strings.ReplaceAll(known.name, ".", ""))) {
			return known
		}
	}
	return issuer{name: quote(cmp.Or(text, commonName, "an authority without a name"))}
}
