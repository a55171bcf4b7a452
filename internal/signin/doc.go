// Package signin lets people into the console and keeps what their sessions
// have beside a grant: the idle limit, when the user last proved who he is, his
// second factors and what he likes to look at.
//
//	Password  → a session, or a second step that is still to be taken
//	Code, Recovery, Passkey → the second step, or another proof in a session
//	Passkey, Provider → a session without a password
//	Session   → what a request of the console needs to know of it
//
// A session is a grant of the core, so revocation, disabling and another
// password end it without any help from here. The package does not know HTTP,
// cookies or pages (package console does), nor SQL (store/signin does).
package signin
