// Package operator speaks the Integration API of a telephone operator
// (docs/dialects/operator.md): an authorization token is exchanged for a pair of
// access and refresh token, and a pair for the next, which ends the former.
//
// It translates only: requests into calls of authority, their answers and errors
// into the documented shapes. Which secret matches, how long a token lives and
// what a new pair ends is decided by authority.
package operator
