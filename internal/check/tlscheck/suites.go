package tlscheck

import (
	"crypto/tls"
	"fmt"
)

// suite is a cipher suite by its number in IANA's registry.
type suite struct {
	id   uint16
	name string
}

// brokenSuites encrypt nothing, authenticate nobody, or use a cipher that is
// broken (RFC 9325 4.1, RFC 7465 for RC4).
func brokenSuites() []suite {
	return []suite{
		{0x0001, "TLS_RSA_WITH_NULL_MD5"}, {0x0002, "TLS_RSA_WITH_NULL_SHA"}, {0x003b, "TLS_RSA_WITH_NULL_SHA256"},
		{0xc001, "TLS_ECDH_ECDSA_WITH_NULL_SHA"}, {0xc006, "TLS_ECDHE_ECDSA_WITH_NULL_SHA"}, {0xc00b, "TLS_ECDH_RSA_WITH_NULL_SHA"}, {0xc010, "TLS_ECDHE_RSA_WITH_NULL_SHA"},
		{0x0018, "TLS_DH_anon_WITH_RC4_128_MD5"}, {0x001a, "TLS_DH_anon_WITH_DES_CBC_SHA"}, {0x001b, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA"},
		{0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA"}, {0x003a, "TLS_DH_anon_WITH_AES_256_CBC_SHA"}, {0x006c, "TLS_DH_anon_WITH_AES_128_CBC_SHA256"}, {0x006d, "TLS_DH_anon_WITH_AES_256_CBC_SHA256"},
		{0x00a6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256"}, {0x00a7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384"},
		{0xc015, "TLS_ECDH_anon_WITH_NULL_SHA"}, {0xc016, "TLS_ECDH_anon_WITH_RC4_128_SHA"}, {0xc017, "TLS_ECDH_anon_WITH_3DES_EDE_CBC_SHA"}, {0xc018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"}, {0xc019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA"},
		{0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5"}, {0x0006, "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5"}, {0x0008, "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA"}, {0x0011, "TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA"},
		{0x0014, "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"}, {0x0017, "TLS_DH_anon_EXPORT_WITH_RC4_40_MD5"}, {0x0019, "TLS_DH_anon_EXPORT_WITH_DES40_CBC_SHA"}, {0x0062, "TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA"}, {0x0064, "TLS_RSA_EXPORT1024_WITH_RC4_56_SHA"},
		{0x0004, "TLS_RSA_WITH_RC4_128_MD5"}, {0x0005, "TLS_RSA_WITH_RC4_128_SHA"}, {0xc002, "TLS_ECDH_ECDSA_WITH_RC4_128_SHA"}, {0xc007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA"}, {0xc00c, "TLS_ECDH_RSA_WITH_RC4_128_SHA"}, {0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA"},
		{0x0009, "TLS_RSA_WITH_DES_CBC_SHA"}, {0x0012, "TLS_DHE_DSS_WITH_DES_CBC_SHA"}, {0x0015, "TLS_DHE_RSA_WITH_DES_CBC_SHA"},
		{0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"}, {0x0013, "TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA"}, {0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"}, {0xc003, "TLS_ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA"},
		{0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"}, {0xc00d, "TLS_ECDH_RSA_WITH_3DES_EDE_CBC_SHA"}, {0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"},
		{0x0007, "TLS_RSA_WITH_IDEA_CBC_SHA"},
	}
}

// staticSuites have no forward secrecy: the server's key decrypts what was
// recorded earlier (RFC 9325 4.1).
func staticSuites() []suite {
	return []suite{
		{0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"}, {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"}, {0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"}, {0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256"},
		{0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"}, {0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"}, {0xc09c, "TLS_RSA_WITH_AES_128_CCM"}, {0xc09d, "TLS_RSA_WITH_AES_256_CCM"},
		{0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8"}, {0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8"}, {0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"}, {0x0084, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA"},
		{0x00ba, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256"}, {0x00c0, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256"}, {0x0096, "TLS_RSA_WITH_SEED_CBC_SHA"},
		{0xc03c, "TLS_RSA_WITH_ARIA_128_CBC_SHA256"}, {0xc03d, "TLS_RSA_WITH_ARIA_256_CBC_SHA384"}, {0xc050, "TLS_RSA_WITH_ARIA_128_GCM_SHA256"}, {0xc051, "TLS_RSA_WITH_ARIA_256_GCM_SHA384"},
		{0xc004, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA"}, {0xc005, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA"}, {0xc00e, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA"}, {0xc00f, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA"},
		{0xc025, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256"}, {0xc026, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA384"}, {0xc029, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA256"}, {0xc02a, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA384"},
		{0xc02d, "TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256"}, {0xc02e, "TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384"}, {0xc031, "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256"}, {0xc032, "TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384"},
	}
}

// soundSuites have forward secrecy and authenticated encryption (RFC 9325 4.2).
func soundSuites() []suite {
	return []suite{
		{0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}, {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}, {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}, {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
		{0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"}, {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"}, {0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
		{0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"}, {0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"}, {0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM"}, {0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM"},
		{0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"}, {0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM"},
	}
}

// suiteGroups are what judgeCiphers wants to know: broken ciphers, key exchange
// without forward secrecy, and whether anything but CBC is taken.
func suiteGroups() [][]uint16 {
	var out [][]uint16
	for _, group := range [][]suite{brokenSuites(), staticSuites(), soundSuites()} {
		var ids []uint16
		for _, s := range group {
			ids = append(ids, s.id)
		}
		out = append(out, ids)
	}
	return out
}

func suiteName(id uint16) string {
	for _, group := range [][]suite{brokenSuites(), staticSuites(), soundSuites()} {
		for _, s := range group {
			if s.id == id {
				return s.name
			}
		}
	}
	if id == 0 {
		return fmt.Sprintf("0x%04X", id)
	}
	return tls.CipherSuiteName(id)
}
