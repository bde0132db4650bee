package edge

import (
	"crypto/tls"
	"encoding/json"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// mode is the zone setting ssl: how the edge talks to visitors and origin.
type mode string

const (
	modeOff      mode = "off"      // no HTTPS for visitors
	modeFlexible mode = "flexible" // HTTPS for visitors, clear text to the origin
	modeFull     mode = "full"     // TLS to the origin, certificate not looked at
	modeStrict   mode = "strict"   // TLS to the origin, certificate verified
)

// settings are the zone settings the edge obeys. A setting that the zone does
// not hold has Cloudflare's default for a new zone.
type settings struct {
	ssl            mode
	minVersion     uint16 // tls.VersionTLS10 ...
	tls13          bool
	alwaysHTTPS    bool
	rewrites       bool // automatic_https_rewrites
	securityHeader securityHeader
	securityLevel  string
	development    bool  // development_mode: nothing is cached
	browserTTL     int64 // browser_cache_ttl, in seconds; 0 = what the origin says
	originPull     bool  // a client certificate is shown to the origin
}

// securityHeader is the value of the zone setting security_header.
type securityHeader struct {
	HSTS struct {
		Enabled           bool  `json:"enabled"`
		MaxAge            int64 `json:"max_age"` // seconds
		IncludeSubdomains bool  `json:"include_subdomains"`
		Preload           bool  `json:"preload"`
		Nosniff           bool  `json:"nosniff"` // works whether or not enabled
	} `json:"strict_transport_security"`
}

func readSettings(z *zone.Zone) settings {
	s := settings{
		ssl:         mode(text(z, "ssl", string(modeFull))),
		minVersion:  versions(text(z, "min_tls_version", "1.0")),
		tls13:       text(z, "tls_1_3", "on") != "off", // "zrt" is on with 0-RTT
		alwaysHTTPS: text(z, "always_use_https", "off") == "on",
		rewrites:    text(z, "automatic_https_rewrites", "on") == "on",
	}
	s.securityLevel = text(z, "security_level", "medium")
	s.development = text(z, "development_mode", "off") == "on"
	s.browserTTL = 14400
	if v, ok := z.Setting("browser_cache_ttl"); ok {
		_ = json.Unmarshal(v.Value, &s.browserTTL) // the default stays for a value that is no number
	}
	zonePull, _ := z.Setting("origin_tls_client_auth")
	s.originPull = text(z, "tls_client_auth", "off") == "on" || string(zonePull.Value) == "true"
	if v, ok := z.Setting("security_header"); ok {
		// A value of another shape leaves the header off.
		_ = json.Unmarshal(v.Value, &s.securityHeader)
	}
	return s
}

// text returns a setting whose value is a JSON string.
func text(z *zone.Zone, id, fallback string) string {
	v, ok := z.Setting(id)
	if !ok {
		return fallback
	}
	var out string
	if json.Unmarshal(v.Value, &out) != nil {
		return fallback
	}
	return out
}

func versions(v string) uint16 {
	switch v {
	case "1.1":
		return tls.VersionTLS11
	case "1.2":
		return tls.VersionTLS12
	case "1.3":
		return tls.VersionTLS13
	default:
		return tls.VersionTLS10
	}
}
