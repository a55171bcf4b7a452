// Package authority decides who gets in: which secret matches, how long a token
// lives, what it may do and whether it is revoked. It is the one core that all
// dialects translate to.
//
//	Authenticate   a presented bearer or pair      → Caller
//	Issue          a long-lived secret             → Grant and its tokens
//	Refresh        a refresh token                 → the next generation, or the same answer again
//	Introspect     any token                       → what is known of it
//	Revoke         token, grant, credential, …     → refused from the return on
//
// It does not know HTTP, SQL or the name of any dialect: dialects hand it
// Profiles as data, the store satisfies its ports, package keys holds key
// material.
package authority
