// Package smarts speaks the REST API of Mobile SMARTS (docs/dialects/smarts.md):
// four doors for login and password, and the sets that describe the database and
// its users, in the manner of OData 4.
//
// It translates only. Who is let in is decided by package dialect's pipeline and
// by authority; here is asked what the API itself says: which groups may use it
// (Admit), how a pair is spelled (Credential), and which account a request
// without a credential is about (Guest). Query options are read by odata.
package smarts
