package authority

import (
	"net/netip"
	"time"
)

// Origin says where a request came from and through which door. The pipeline
// makes one per request; it is the "who, from where, through what" of audit
// entries.
type Origin struct {
	Stand     Stand
	Dialect   string
	Address   netip.Addr // the client's, after trusted proxies; invalid for local commands
	RequestID string
	Door      string // way in, such as "service_token"; a fixed word of the dialect
	Verb      string // audit verb of the route, such as "task.create"; "" for reads
	// Lifetime asks for another lifetime of the access token that is issued; 0 =
	// as the account and dialect say. Heeded on the test stand only (rule 10).
	Lifetime time.Duration
}

// asked is the lifetime that the request may ask for; 0 = none.
func (o Origin) asked() time.Duration {
	if o.Stand != Test || o.Lifetime < 0 {
		return 0
	}
	return min(o.Lifetime, maxAccess)
}

// Scheme is the kind of credential a request presents.
type Scheme uint8

// The schemes.
const (
	Bearer Scheme = iota + 1
	Basic
)

// Presented is what a request shows to be let in, as its dialect read it. It is
// unverified.
type Presented struct {
	Scheme Scheme
	Token  Secret // with Bearer
	Login  string // with Basic: login or client id
	Secret Secret // with Basic: password or client secret
	Door   string // with Basic: how it was shown, such as "basic_raw"; "" = "basic"
}
