package authority

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"time"

	"propusk/internal/spelling"
)

// RedeemRequest presents an authorization code. RFC 6749 §4.1.3, RFC 7636 §4.5.
type RedeemRequest struct {
	Origin      Origin
	ClientID    string
	Secret      Secret // empty for applications that have none
	Code        Secret
	RedirectURI string
	Verifier    Secret
}

// Redemption asks for the grant of a code.
type Redemption struct {
	NewGrant

	Digest   []byte // of the code
	Redirect string // as the exchange names it; "" = not named
	Verifier Secret
	Used     time.Time // now
	Gone     time.Time // when the code may be forgotten
	Reused   Entry     // for a code that was exchanged before
}

// CodeReused is the reason of a code that was exchanged before.
const CodeReused = "code_reused"

// Refusal judges a code against what is presented, the row and the stand's epoch
// as they are; "" lets it be exchanged. What does not fit the code does not touch
// it: to have seen a code gives nobody the power over what it was exchanged for.
func (r Redemption) Refusal(c AuthorizationCode, epoch uint64) string {
	switch {
	case c.Dialect != r.Grant.Dialect || c.ClientID != r.Grant.ClientID || c.Application != r.Grant.holder():
		return "foreign_client"
	case c.Sent && c.Redirect != r.Redirect, !c.Sent && r.Redirect != "" && c.Redirect != r.Redirect:
		return "redirect_differs"
	case !verifies(c.Challenge, r.Verifier):
		return "wrong_verifier"
	case !c.Used.IsZero():
		return CodeReused
	case c.Epoch != epoch:
		return "epoch_passed"
	case !r.Used.Before(c.Expires):
		return "expired"
	case c.Mark > c.Position:
		return "standing_revoked"
	case !c.Consented:
		return "consent_withdrawn"
	}
	return ""
}

// verifies compares by S256; who shows a verifier that nobody asked for may have
// been given another's code (RFC 9700 §2.1.1).
func verifies(challenge string, verifier Secret) bool {
	if challenge == "" || verifier.Empty() {
		return challenge == "" && verifier.Empty()
	}
	sum := sha256.Sum256([]byte(verifier.Reveal()))
	shown := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(shown), []byte(challenge)) == 1
}

// Redeem exchanges an authorization code for tokens that act as the user who
// approved. Errors: InvalidClient; UnauthorizedClient; InvalidGrant for
// everything wrong with the code, all alike; Unavailable, after which the code
// still works.
func (a *Authority) Redeem(ctx context.Context, req RedeemRequest) (Issued, error) {
	p, err := a.profile(req.Origin.Dialect)
	if err != nil {
		return Issued{}, err
	}
	holder, err := a.applicationStanding(ctx, VerbIssue, req.Origin, req.ClientID, req.Secret)
	if err != nil {
		return Issued{}, err
	}
	if p.Codes == nil || !p.Codes.Takes(holder.Principal) {
		return Issued{}, a.refuse(req.Origin, VerbIssue, E(UnauthorizedClient, "the type of this application does not get tokens by code"),
			refusal{reason: "code_not_taken", standing: holder})
	}
	s, n, reason, err := a.prepareRedemption(ctx, p, req, holder)
	if err != nil {
		return Issued{}, err
	}
	if reason != "" {
		return Issued{}, a.refuse(req.Origin, VerbIssue, badCode(), refusal{reason: reason, standing: holder})
	}
	g, err := a.ports.Codes.RedeemCode(ctx, n)
	if refused := (*RefusedError)(nil); errors.As(err, &refused) {
		a.forgetStanding(req.Origin.Stand, presentedSecret{ApplicationSecret, req.ClientID, req.Secret})
		return Issued{}, a.refuse(req.Origin, VerbIssue, badCode(), refusal{reason: refused.Reason, standing: holder})
	}
	if err != nil {
		return Issued{}, err
	}
	a.count(Count{req.Origin.Dialect, VerbIssue, Done})
	a.usage.issue(g, g.Created)
	return a.issued(p, g, s, req.Origin)
}

func badCode() *Error { return E(InvalidGrant, "the code is not valid") }

// prepareRedemption finds the code and decides what it is exchanged for: the
// user's rights, within what he has approved.
func (a *Authority) prepareRedemption(ctx context.Context, p Profile, req RedeemRequest, holder Standing) (Standing, Redemption, string, error) {
	digests, err := a.codeDigests(req.Origin.Stand, req.Code)
	if err != nil {
		return Standing{}, Redemption{}, "", err
	}
	c, err := a.ports.Codes.Code(ctx, req.Origin.Stand, digests)
	if CodeOf(err) == NotFound {
		return Standing{}, Redemption{}, "no_such_code", nil
	}
	if err != nil {
		return Standing{}, Redemption{}, "", err
	}
	s, reason, err := a.approver(ctx, c, holder)
	if err != nil {
		return Standing{}, Redemption{}, "", err
	}
	gen, err := a.generation(ctx, p, req.Origin.Stand)
	if err != nil {
		return Standing{}, Redemption{}, "", err
	}
	n := a.newGrant(p, IssueRequest{Origin: req.Origin}, s, gen)
	n.Grant.Through = holder.Principal.ID
	if n.Grant.Scope = c.Scope; c.Scope == nil && p.Scoped {
		n.Grant.Scope = s.Permissions
	}
	r := Redemption{
		NewGrant: n, Digest: c.Digest, Redirect: spelling.ASCIIAddress(req.RedirectURI), Verifier: req.Verifier, Used: n.Now, Gone: n.Now.Add(keepUsed),
		Reused: a.reusedEntry(req.Origin, holder, c),
	}
	if reason != "" && r.Refusal(c, c.Epoch) == CodeReused {
		reason = "" // what it was exchanged for must end all the same
	}
	return s, r, reason, nil
}

// approver gives the standing that the grant acts with: the application's
// credential with the user who has approved, or why he is not to be had.
func (a *Authority) approver(ctx context.Context, c AuthorizationCode, holder Standing) (Standing, string, error) {
	s := holder
	ids := TokenIDs{Stand: c.Stand, Principal: c.Principal, Account: holder.Account.ID}
	user, err := a.state(ctx, ids)
	reason, err := lifeless(ids, user, err)
	if reason == "" && err == nil && user.principal.KeysOff {
		reason = "token_access_off"
	}
	if err != nil || reason != "" {
		return s, "user_" + reason, err
	}
	s.Principal, s.Account, s.Permissions = user.principal, user.account, user.permissions
	return s, "", nil
}

// reusedEntry tells of theft, or of a client that does not keep its books.
func (a *Authority) reusedEntry(o Origin, holder Standing, c AuthorizationCode) Entry {
	e := a.routineEntry(o, VerbIssue, holder, c.Grant)
	e.Actor, e.Outcome, e.Reason, e.Gather = c.Principal, Refused, CodeReused, ""
	return e
}

// ApplicationClient is Client for applications, also those that have no secret:
// they show none. Errors: InvalidClient, LimitExceeded, Unavailable.
func (a *Authority) ApplicationClient(ctx context.Context, o Origin, clientID string, secret Secret) (Caller, error) {
	s, err := a.applicationStanding(ctx, VerbAuthenticate, o, clientID, secret)
	if err != nil {
		return Caller{}, err
	}
	a.touches.credential(s.Credential.ID, a.now(), addressText(o))
	return Caller{state: newCallerState(s), origin: o, cred: s.Credential.ID}, nil
}

func (a *Authority) applicationStanding(ctx context.Context, verb string, o Origin, clientID string, secret Secret) (Standing, error) {
	if !secret.Empty() {
		return a.standing(ctx, verb, o, presentedSecret{ApplicationSecret, clientID, secret})
	}
	found, err := a.ports.Credentials.CredentialsByClient(ctx, o.Stand, ApplicationSecret, clientID)
	if err != nil && CodeOf(err) != NotFound {
		return Standing{}, err
	}
	for _, s := range found {
		if s.Principal.Traits.NoSecret && a.standingRefusal(o, s) == "" {
			return s, nil
		}
	}
	return Standing{}, a.refuse(o, verb, wrongSecret(ApplicationSecret), refusal{reason: "no_secret"})
}
