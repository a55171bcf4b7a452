package authority

import (
	"slices"
	"time"
)

// Caller is a principal that has been let in, for one request. Its fields are
// unexported: only Authenticate and System make one, so a function that takes a
// Caller cannot be reached without a check. The zero Caller is nobody: it can
// do nothing and sees nothing. Safe for concurrent use.
type Caller struct {
	state   *callerState
	origin  Origin
	grant   ID
	cred    ID
	scope   []Permission // nil = everything the principal may
	expires time.Time
	system  string       // reason, for System callers
	home    *callerState // as he is in his own account, after In

	generation uint32 // of the presented token, with grant
	through    ID     // whose credential it is, where the principal is another
	client     string // that the grant is bound to; "" where the token does not say
	dialect    string // of the token; "" with Basic and System
}

// callerState is what the pipeline needs to know of a principal. It is shared
// between requests and never changed.
type callerState struct {
	account     Account
	principal   Principal
	permissions []Permission // sorted union of the roles
}

// Account is the caller's account. Everything it reads or writes lies in it.
func (c Caller) Account() Account {
	if c.state == nil {
		return Account{}
	}
	return c.state.account
}

// Principal is who calls.
func (c Caller) Principal() Principal {
	if c.state == nil {
		return Principal{}
	}
	return c.state.principal
}

// Areas is what part of the account's work the caller sees.
func (c Caller) Areas() Areas { return c.Principal().Areas }

// Permissions lists what the caller may do, sorted.
func (c Caller) Permissions() []Permission {
	if c.state == nil {
		return nil
	}
	if c.scope == nil {
		return slices.Clone(c.state.permissions)
	}
	var out []Permission
	for _, p := range c.state.permissions {
		if slices.Contains(c.scope, p) {
			out = append(out, p)
		}
	}
	return out
}

// Can reports whether the caller holds p. The empty permission is held by every
// living caller.
func (c Caller) Can(p Permission) bool {
	if c.system != "" {
		return true
	}
	if c.state == nil {
		return false
	}
	if p == "" {
		return true
	}
	if _, ok := slices.BinarySearch(c.state.permissions, p); !ok {
		return false
	}
	return c.scope == nil || slices.Contains(c.scope, p)
}

// Inside gives the account of a caller that holds p; Forbidden for others, and
// for who is in no account.
func (c Caller) Inside(p Permission) (ID, error) {
	id := c.Account().ID
	if id == 0 || !c.Can(p) {
		return 0, E(Forbidden, "the caller lacks the permission "+string(p))
	}
	return id, nil
}

// Grant is the grant whose token was presented; 0 with Basic and System.
func (c Caller) Grant() ID { return c.grant }

// Credential is the credential that the grant came from; 0 for System.
func (c Caller) Credential() ID { return c.cred }

// Expires is when the presented token ends; zero with Basic and System.
func (c Caller) Expires() time.Time { return c.expires }

// Origin says where the request came from.
func (c Caller) Origin() Origin { return c.origin }

// Door is the way in that the request came through; "" for a bearer on a route
// that issues nothing.
func (c Caller) Door() string { return c.origin.Door }

// Stand is the stand the caller lives on.
func (c Caller) Stand() Stand { return c.origin.Stand }

// In gives the caller as somebody who works in another account of his stand:
// nobody unless he holds by, the permission that reaches past his own account.
// What he writes is that account's, with him as the actor.
func (c Caller) In(account Account, by Permission) Caller {
	if c.state == nil || !c.Can(by) || account.Stand != c.Stand() {
		return Caller{}
	}
	state := *c.state
	state.account = account
	if c.home == nil {
		c.home = c.state
	}
	c.state = &state
	return c
}

// Home gives the caller as he is in his own account, where In has led him into
// another.
func (c Caller) Home() Caller {
	if c.home != nil {
		c.state, c.home = c.home, nil
	}
	return c
}

// Away reports whether the caller works in another account than his own, by In.
func (c Caller) Away() bool {
	home := c.Principal().Account
	return home != 0 && home != c.Account().ID
}

// Entry starts the audit entry of a change that c makes to object (a kind and
// an id, such as "task/123"). The store writes it in the change's own
// transaction; its verb is that of the route.
func (c Caller) Entry(object string) Entry {
	return Entry{
		Stand: c.origin.Stand, Account: c.Account().ID, Actor: c.Principal().ID,
		Credential: c.cred, Grant: c.grant, Dialect: c.origin.Dialect, Door: c.origin.Door,
		Address: c.origin.Address, RequestID: c.origin.RequestID, Verb: c.origin.Verb,
		Object: object, Outcome: Done, Reason: c.system, Count: 1,
	}
}

// System makes the Caller of background work and of the command line: it may do
// everything on stand, inside account, and every entry it writes carries
// reason. The zero Account means "no account": only account-less work.
func System(stand Stand, account Account, verb, reason string) Caller {
	return Caller{
		state:  &callerState{account: account, principal: Principal{Areas: Areas{All: true}}},
		origin: Origin{Stand: stand, Verb: verb},
		system: reason,
	}
}

// At is c as he asks from o, which the audit names: his stand and verb stay.
func (c Caller) At(o Origin) Caller {
	o.Stand, o.Verb, o.Lifetime = c.origin.Stand, c.origin.Verb, c.origin.Lifetime
	c.origin = o
	return c
}

// Scoped reports whether the token names what it may be used for: then c may
// that and nothing else.
func (c Caller) Scoped() bool { return c.scope != nil }
