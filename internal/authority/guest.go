package authority

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"
)

// accountKey says what an account was found by; one of the texts or the id, or
// none of them for the default account.
type accountKey struct {
	stand    Stand
	host     string
	contract string
	id       ID
}

// Guest lets a request without a credential in as the guest of an account whose
// authorization is off for the origin's dialect. The guest may only what the
// dialect's Profile says and has no principal. Errors: Unauthenticated when
// nobody gets in without a credential, Unavailable.
func (a *Authority) Guest(ctx context.Context, o Origin, account ID) (Caller, error) {
	profile, err := a.profile(o.Dialect)
	if err != nil {
		return Caller{}, err
	}
	found, err := a.account(ctx, accountKey{stand: o.Stand, id: account})
	if err != nil && CodeOf(err) != NotFound {
		return Caller{}, err
	}
	if err != nil || found.Disabled || !found.Settings.Guest[o.Dialect] || len(profile.Guest) == 0 {
		return Caller{}, E(Unauthenticated, "no credential was presented")
	}
	permissions := slices.Sorted(slices.Values(profile.Guest))
	return Caller{origin: o, state: &callerState{
		account: found, permissions: permissions,
		principal: Principal{Account: found.ID, Name: "guest", Areas: Areas{All: true}},
	}}, nil
}

// AccountFor says which account a request without a credential is about (rule
// 20): the one that its host name is bound to, or the one whose contract is its
// path prefix, or the stand's default account. A host name and a contract that
// contradict each other, and a contract that nobody has, are NotFound.
func (a *Authority) AccountFor(ctx context.Context, o Origin, host, contract string) (Account, error) {
	if name, ok := HostName(host); ok {
		bound, err := a.account(ctx, accountKey{stand: o.Stand, host: name})
		switch {
		case err == nil && contract != "" && bound.Contract != contract:
			return Account{}, noAccount()
		case CodeOf(err) != NotFound:
			return bound, err
		}
	}
	return a.account(ctx, accountKey{stand: o.Stand, contract: contract})
}

// AccountBound gives the account that the name in a Host field is bound to. Errors:
// NotFound for a name that nobody has bound, Unavailable.
func (a *Authority) AccountBound(ctx context.Context, stand Stand, host string) (Account, error) {
	name, ok := HostName(host)
	if !ok {
		return Account{}, noAccount()
	}
	return a.account(ctx, accountKey{stand: stand, host: name})
}

// account reads an account, from memory where nothing has touched it.
func (a *Authority) account(ctx context.Context, k accountKey) (Account, error) {
	found, ok := a.accounts.find(k, time.Time{})
	if ok && found.ID == 0 {
		return found, noAccount()
	}
	if ok {
		return found, nil
	}
	if a.ports.Accounts == nil {
		return Account{}, noAccount()
	}
	position := a.feed.Position()
	found, err := a.readAccount(ctx, k)
	switch {
	case err == nil:
		a.accounts.keep(k, found, position, time.Time{}, Target{Scope: ScopeAccount, ID: found.ID})
	case CodeOf(err) == NotFound && k.host != "":
		// Whoever binds a name tells all of the stand.
		a.accounts.keep(k, Account{}, position, time.Time{}, Target{Scope: ScopeStand})
	}
	return found, err
}

func noAccount() *Error { return E(NotFound, "no such account") }

func (a *Authority) readAccount(ctx context.Context, k accountKey) (Account, error) {
	switch {
	case k.id != 0:
		return a.ports.Accounts.Account(ctx, k.stand, k.id)
	case k.host != "":
		return a.ports.Accounts.AccountByHost(ctx, k.stand, k.host)
	case k.contract != "":
		return a.ports.Accounts.AccountByContract(ctx, k.stand, k.contract)
	}
	return a.ports.Accounts.DefaultAccount(ctx, k.stand)
}

// maxHostName is the longest name that DNS has. RFC 1035 §2.3.4.
const maxHostName = 253

// HostName gives the one spelling of the name in a Host field: lower case,
// without port and without a dot at its end. ok is false for what is no name or
// address. RFC 9110 §7.2.
func HostName(host string) (name string, ok bool) {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "" || len(host) > maxHostName {
		return "", false
	}
	for i := range len(host) {
		c := host[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && strings.IndexByte("-._:", c) < 0 {
			return "", false
		}
	}
	return host, true
}
