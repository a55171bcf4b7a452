package authority

import (
	"cmp"
	"context"
	"time"

	"propusk/internal/spelling"
)

// Proof is a user who has proven who he is and has not been given a grant yet.
// Only Prove, Vouch and VouchLogin make one that opens anything. It stands for
// the secret that his password is now: with another password it is worth
// nothing.
type Proof struct{ standing Standing }

// Holder is who has proven himself, his account, and what his roles let him do.
func (p Proof) Holder() Holder {
	return Holder{p.standing.Account, p.standing.Principal, p.standing.Permissions}
}

// Revision moves when the user's password changes.
func (p Proof) Revision() int64 { return p.standing.Revision }

// Credential is the user's password.
func (p Proof) Credential() ID { return p.standing.Credential.ID }

// Prove compares a login and password within the limit on refused attempts, and
// issues nothing. InvalidGrant for everything that is refused, all alike;
// LimitExceeded; Unavailable.
func (a *Authority) Prove(ctx context.Context, o Origin, login string, password Secret) (Proof, error) {
	s, err := a.standing(ctx, proofVerb(o), o, presentedSecret{Password, login, password})
	if err != nil {
		return Proof{}, err
	}
	a.touches.credential(s.Credential.ID, a.now(), addressText(o))
	return Proof{s}, nil
}

// Vouch stands for a user whom the caller of it has seen prove himself by other
// means than his password. InvalidGrant when he has none, is disabled, or may
// not come from the origin; Unavailable.
func (a *Authority) Vouch(ctx context.Context, o Origin, user ID) (Proof, error) {
	s, err := a.ports.Callers.Caller(ctx, o.Stand, user)
	if err != nil && CodeOf(err) != NotFound {
		return Proof{}, err
	}
	p, err := a.VouchLogin(ctx, o, s.Principal.Login)
	if err == nil && p.standing.Principal.ID != user {
		return Proof{}, a.refuse(o, proofVerb(o), wrongSecret(Password), refusal{reason: "principal_gone"})
	}
	return p, err
}

// VouchLogin is Vouch for a user who is known by his login.
func (a *Authority) VouchLogin(ctx context.Context, o Origin, login string) (Proof, error) {
	found, err := a.ports.Credentials.CredentialsByClient(ctx, o.Stand, Password, spelling.Fold(login))
	if err != nil && CodeOf(err) != NotFound {
		return Proof{}, err
	}
	if len(found) == 0 || login == "" {
		return Proof{}, a.refuse(o, proofVerb(o), wrongSecret(Password), refusal{reason: "unknown_login"})
	}
	if reason := a.standingRefusal(o, found[0]); reason != "" {
		return Proof{}, a.refuse(o, proofVerb(o), wrongSecret(Password), refusal{reason: reason, standing: found[0]})
	}
	return Proof{found[0]}, nil
}

// ProvenRequest asks for a grant for a user who has proven who he is.
type ProvenRequest struct {
	Origin Origin // its Door is how he did; its Verb what the audit calls it, "" = VerbIssue
	Proof  Proof
	// Admit may refuse him before anything is issued; nil = all are let in.
	Admit func(Holder) error
	// Lifetime is how long the grant lives, on both stands; 0 = as the account
	// and the dialect say.
	Lifetime time.Duration
}

// IssueProven gives a proven user an access token, without refresh. The writing
// transaction judges his password, himself and his account once more, as with
// every issue. Errors are those of Issue.
func (a *Authority) IssueProven(ctx context.Context, req ProvenRequest) (Issued, error) {
	profile, err := a.profile(req.Origin.Dialect)
	if err != nil {
		return Issued{}, err
	}
	if req.Proof.standing.Account.Stand != req.Origin.Stand {
		return Issued{}, a.refuse(req.Origin, cmp.Or(req.Origin.Verb, VerbIssue), wrongSecret(Password), refusal{reason: "not_proven"})
	}
	return a.grant(ctx, profile, IssueRequest{
		Origin: req.Origin, Kind: Password, NoRefresh: true, Admit: req.Admit, lifetime: req.Lifetime, verb: req.Origin.Verb,
	}, req.Proof.standing)
}

// Try runs try within the limit on refused attempts at at.Client, which says
// what is guessed at and whose, such as "code/12". verb is for the audit of what
// is refused unseen.
func (a *Authority) Try(ctx context.Context, verb string, at Attempt, try func() error) error {
	return a.attempt(ctx, verb, at, try)
}

func proofVerb(o Origin) string { return cmp.Or(o.Verb, VerbAuthenticate) }
