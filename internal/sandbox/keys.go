package sandbox

// Selectors of the two senders that the sandbox's client mails through.
const (
	googleSelector   = "google"
	postmarkSelector = "20260301093000pm" // Postmark's form: a time stamp and pm
)

// Public keys of those selectors, RSA of 2048 bits, and one of 1024 bits, as
// base64 of SubjectPublicKeyInfo (RFC 6376 3.6.1). They are fixed so that two
// runs serve the same records and none waits for keys to be made. The private
// half of postmarkKey is with the relay, which signs the client's mail.
const (
	googleKey = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA466Qeut/XkEdQKQepK1ez7I9KI9/KoqmipSkrzjVKWnb2wQLCDyO72" +
		"ghG9/VAZ2lHnX5vvSLoPtp7zx4/T4REMCI4p003q0QdebuubsNP6prhnqLfkLRq7rxdbEMkuZ2Tb7eDcCWpL50c8KmYnybsw99" +
		"BnitkMaHmwAxOiYFH0GolUIzKkP7JAg1/KHZVsap8ShO6Fd+DDWsilumYW7NPIAirPq68nRRl+JBMRrbXnvKADCmjSdSmwJ1/0" +
		"UQQPPYhwZth+ZraXjkr8h1Nl+ogbRm4vC7fi9hzUHgsGMStMk+GHnFTjVUe7IZtj+M9lyc2YE/E63Vs04SZ3lIZRgE1wIDAQAB"
	postmarkKey = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApYHTju7ohK0LlBjphCairh0PhsW2XKnYUgE6EWQGZEEMxgr0ZqdyJr" +
		"INJAPhEqiwJwtyu+NrwZ2Ej4sYbwQ/9zprHAv/usPq8tdCDrDuw+WukfZ1XlqVMCn8vxbqBff60SfWPR/hYqhAmNT6kzksG5ur8" +
		"mBd1k7TAVivucfZ+BPYmXqNaA7xiKYkgv2jMqBoXP/95ymMpqhvBp+lsc4oNqa3PkrG2NB2Fz4TXYVMwTdLu5LW0TE+UONdff/H" +
		"REOAY/ZG2edlKvHL9OZ9VfyhG1Qv78NvizLTKGyZySf6ijyA2AWNhJHLkzBMb5dEBd42NHyiNKoTPOQWLCLLCxRt0wIDAQAB"
	shortKey = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDOhUpRZv0GjDXdoYFEI6NCeSPbIEp4rLF0UaJXScGB7YS5/fqJedOQmv3h8K" +
		"GqGGblTuqrhol2RuEP+LAI4O+etU1DDP30yO94OnFTh5vBZl32J3PrAAAm4Cbx4lpNCj1214oIVOjYSHAreQorpMjV7sZtlBxQ" +
		"ysGXiD4oTiUOtwIDAQAB"
)
