// Package admin is what the management API, the console and the command line
// all do: accounts, users, service users, applications, their roles, areas and
// secrets, the grants that live, the settings and the audit.
//
// Every method takes the authority.Caller it acts for, works inside that
// caller's account, asks for one permission and leaves its audit entry in the
// change's own transaction. What a change refuses or forgets (a disabled
// principal, a replaced secret, a narrowed role) goes to the feed in that
// transaction too, so that it holds from the return on.
//
// Nobody gives more than he has: see Limit.
//
// It decides no token: that is package authority. Its rows are kept by whoever
// satisfies the ports; it knows neither HTTP nor SQL nor any dialect.
package admin
