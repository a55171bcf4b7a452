// Package ringme speaks the API ver1.0 of an IP-telephony provider
// (docs/dialects/ringme.md): tokens of applications, and who a token acts as.
//
// It translates only: requests into calls of authority, their answers and errors
// into the documented shapes. Which secret matches and how long a token lives is
// decided by authority; the application's type and access level, whose words are
// this API's own, are judged here.
package ringme
