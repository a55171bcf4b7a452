// Package keys makes, seals, rotates, retires and publishes the signing and MAC
// keys of a stand, and signs and verifies with them. It does nothing else.
//
//	DeploymentKey   32 bytes in a file; seals everything below
//	Ring            every key of every stand, in memory, as an atomic snapshot
//	Sign, Verify    compact JWS (RFC 7515 §7.1), strict: one spelling, one algorithm a key
//	Seal, Open      opaque tokens that verify themselves
//	Tag62, Digest   short tags and the keyed hash of credentials
//	JWKS            public halves (RFC 7517)
//
// One key has one algorithm, one use and one stand, for ever. Symmetric and
// asymmetric material are different Go types, so that a public key can never be
// taken for a secret.
//
// It does not know what a claim means, when a token ends or who may call: that
// is package authority. Rows are kept by whoever satisfies Store.
package keys
