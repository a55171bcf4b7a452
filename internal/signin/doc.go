// Package signin lets people into the console and keeps what their sessions
// have beside a grant: the idle limit, when the user last proved who he is, his
// second factors and what he likes to look at.
//
//	Password, Return  → a session, or a second step that is still to be taken
//	Code, RecoveryCode, Second → the second step
//	Entry             → a session by passkey alone
//	ProvePassword, …  → another proof within a session, before a secret is shown
//	Session           → what a request of the console needs to know of it
//
// A session is a grant of the core, so revocation, disabling and another
// password end it without any help from here. The package does not know HTTP,
// cookies or pages (package console does), nor SQL (store/signin does,
// where its tests are too: on real engines).
package signin
