package authority

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"
)

// Consent is what a user lets an application do in his name, until he withdraws
// it.
type Consent struct {
	ID          ID
	Principal   ID
	Application ID
	Scope       []Permission // sorted; nil = all that he may
	Given       time.Time
}

// Covers reports whether scope needs no further question.
func (c Consent) Covers(scope []Permission) bool {
	if c.ID == 0 || c.Scope == nil {
		return c.ID != 0
	}
	beyond := func(p Permission) bool { return !slices.Contains(c.Scope, p) }
	return scope != nil && !slices.ContainsFunc(scope, beyond)
}

// Widened is c with scope as well.
func (c Consent) Widened(scope []Permission) Consent {
	if c.Scope == nil || scope == nil {
		c.Scope = nil
		return c
	}
	c.Scope = slices.Concat(c.Scope, scope)
	slices.Sort(c.Scope)
	c.Scope = slices.Compact(c.Scope)
	return c
}

// NewCode asks for a code, and for the consent that it stands on.
type NewCode struct {
	Code  AuthorizationCode
	Asked bool // the user was asked just now: his consent is written where it is missing
	Now   time.Time
	Gone  time.Time // when a code that nobody has used may leave
	Entry Entry     // of the code; with verb VerbConsent also that of a consent
}

// Consent judges what is there of a consent, its zero value for nothing: what is
// to be written, and whether that differs. reason refuses.
func (n NewCode) Consent(there Consent) (to Consent, changed bool, reason string) {
	switch {
	case there.Covers(n.Code.Scope):
		return there, false, ""
	case !n.Asked:
		return there, false, "consent_missing"
	case there.ID == 0:
		return Consent{
			ID: NewID(), Principal: n.Code.Principal, Application: n.Code.Application, Scope: n.Code.Scope, Given: n.Now,
		}, true, ""
	}
	to = there.Widened(n.Code.Scope)
	to.Given = n.Now
	return to, true, ""
}

// The verbs of consents and codes.
const (
	VerbCode    = "code.issue"
	VerbConsent = "consent.give"
	VerbDeny    = "consent.refuse"
)

// CodeOffer is what a user is asked before an application may act as him.
type CodeOffer struct {
	CodeInquiry

	Scope []Permission // what it could do; nil = all that he may
	Given bool         // he has been asked that before
	Owner string       // the name of the user who has registered the application; "" = nobody's
}

// Offer is Inquire for a user who has signed in. Who is of another account gets
// the answer of an application that is not there (rule 9). Besides Inquire's:
// Forbidden for who is no user, and where his secrets open nothing.
func (a *Authority) Offer(ctx context.Context, c Caller, q CodeRequest) (CodeOffer, error) {
	q.Stand = c.Stand()
	i, err := a.Inquire(ctx, q)
	if i.Account.ID != c.Account().ID && i.Account.ID != 0 || c.Away() {
		return CodeOffer{}, unknownApplication()
	}
	o := CodeOffer{CodeInquiry: i}
	if err != nil {
		return o, err
	}
	if u := c.Principal(); u.Kind != User || u.KeysOff {
		return o, E(Forbidden, "this user lets nobody act as him")
	}
	p, err := a.profile(i.Dialect)
	if err != nil {
		return o, err
	}
	if o.Scope, err = cut(i.Scope, c.Permissions()); err != nil {
		return o, err
	}
	o.Scope = p.reach(o.Scope, i.Application)
	there, err := a.ports.Codes.Consent(ctx, c.Principal().ID, i.Application.ID)
	if err != nil && CodeOf(err) != NotFound {
		return o, err
	}
	o.Given = err == nil && there.Covers(o.Scope)
	o.Owner, err = a.ownerName(ctx, i)
	return o, err
}

// ownerName is for people, so that an owner who has left is nobody.
func (a *Authority) ownerName(ctx context.Context, i CodeInquiry) (string, error) {
	id := i.Application.Traits.Owner
	if id == 0 {
		return "", nil
	}
	owner, err := a.state(ctx, TokenIDs{Stand: i.Account.Stand, Principal: id, Account: i.Account.ID})
	if CodeOf(err) == NotFound || err == nil && owner.account.ID != i.Account.ID {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return cmp.Or(owner.principal.Name, owner.principal.Login), nil
}

func unknownApplication() *Error {
	return E(InvalidRequest, "client_id names no application that sends users here").With("parameter", "client_id")
}

// cut gives what of asked is held: a user may lack some of what an application
// likes to have (RFC 6749 §3.3).
func cut(asked, held []Permission) ([]Permission, error) {
	if asked == nil {
		return nil, nil
	}
	out := slices.DeleteFunc(slices.Clone(asked), func(p Permission) bool { return !slices.Contains(held, p) })
	if len(out) == 0 {
		return nil, E(InvalidScope, "the user has none of the permissions that the scope names")
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Approve makes the code that lets an application act as the caller. asked says
// that he was asked and said yes; without it his former consent must be enough,
// else Conflict. Errors beside: those of Offer.
func (a *Authority) Approve(ctx context.Context, c Caller, q CodeRequest, asked bool) (Secret, CodeOffer, error) {
	o, err := a.Offer(ctx, c, q)
	if err != nil {
		return Secret{}, o, err
	}
	code := NewSecret(randomText(codeChars))
	n, err := a.newCode(c, q, o, code)
	if err != nil {
		return Secret{}, o, err
	}
	n.Asked = asked
	err = a.ports.Codes.AddCode(ctx, n)
	if refused := (*RefusedError)(nil); errors.As(err, &refused) {
		e := n.Entry
		e.Reason = refused.Reason
		a.Refuse(e)
		if refused.Reason == "consent_missing" {
			return Secret{}, o, E(Conflict, "the user must be asked")
		}
		return Secret{}, o, E(Forbidden, "this user lets nobody act as him")
	}
	if err != nil {
		return Secret{}, o, err
	}
	a.count(Count{o.Dialect, VerbCode, Done})
	return code, o, nil
}

func (a *Authority) newCode(c Caller, q CodeRequest, o CodeOffer, text Secret) (NewCode, error) {
	digests, err := a.codeDigests(c.Stand(), text)
	if err != nil {
		return NewCode{}, err
	}
	now := a.now()
	return NewCode{
		Code: AuthorizationCode{
			Digest: digests[0], Stand: c.Stand(), Account: o.Account.ID, Principal: c.Principal().ID,
			Application: o.Application.ID, Dialect: o.Dialect, ClientID: q.ClientID,
			Redirect: o.Redirect, Sent: o.Sent, Scope: o.Scope, Challenge: q.Challenge, Expires: now.Add(codeLife),
		},
		Now: now, Gone: now.Add(codeLife), Entry: a.codeEntry(c, o, VerbCode),
	}, nil
}

// Deny notes that the caller does not let an application act as him.
func (a *Authority) Deny(ctx context.Context, c Caller, q CodeRequest) (CodeOffer, error) {
	o, err := a.Offer(ctx, c, q)
	if err == nil {
		e := a.codeEntry(c, o, VerbDeny)
		e.Reason = "denied"
		a.Refuse(e)
	}
	return o, err
}

// codeEntry is of the application's dialect: there it has its effect.
func (a *Authority) codeEntry(c Caller, o CodeOffer, verb string) Entry {
	e := c.Entry("application/" + strconv.FormatInt(int64(o.Application.ID), 10))
	e.Time, e.Verb, e.Dialect = a.now(), verb, o.Dialect
	e.Gather = a.routine.gather(e.Time, c.cred, verb)
	return e
}
