package signin

import (
	"context"
	"crypto/sha256"

	"propusk/internal/authority"
)

// pendingStep is a user whose password was right and whose second factor is
// still to come.
type pendingStep struct {
	User     authority.ID
	Revision int64  // of his password
	Nonce    string // tells this step from all others: it makes one session
}

// spentStep names the step once it has made its session, until its ticket is over.
func (s *Service) spentStep(p pendingStep) Spent {
	sum := sha256.Sum256([]byte("step/" + p.Nonce))
	return Spent{Digest: sum[:], Until: s.now().Add(StepLife)}
}

// standing is a second step that can still be taken.
type standing struct {
	pendingStep

	proof authority.Proof
}

func (p standing) user() authority.Principal { return p.proof.Holder().Principal }

// pending reads a second step. InvalidGrant for one that is over.
func (s *Service) pending(ctx context.Context, o authority.Origin, pending authority.Secret) (standing, error) {
	o.Verb = VerbBegin
	var p pendingStep
	if err := s.unseal(o.Stand, ticketPending, pending, &p); err != nil {
		return standing{}, err
	}
	proof, err := s.core.Vouch(ctx, o, p.User)
	if err != nil {
		return standing{}, err
	}
	used, err := s.store.WasSpent(ctx, s.spentStep(p).Digest)
	switch {
	case err != nil:
		return standing{}, err
	case used:
		return standing{}, s.refuse(o, VerbBegin, "step_used", proof.Holder().Principal, stepUsed())
	case proof.Revision() != p.Revision:
		return standing{}, s.refuse(o, VerbBegin, "secret_changed", proof.Holder().Principal, stepOver())
	}
	return standing{p, proof}, nil
}

// openSecond makes the session of a second step that was taken by the origin's
// door. Of several at once, on whatever node, one gets it.
func (s *Service) openSecond(ctx context.Context, v Visit, p standing) (Opened, error) {
	err := s.store.Spend(ctx, s.spentStep(p.pendingStep))
	if authority.CodeOf(err) == authority.Conflict {
		return Opened{}, s.refuse(v.Origin, VerbBegin, "step_used", p.user(), stepUsed())
	}
	if err != nil {
		return Opened{}, err
	}
	return s.open(ctx, v, p.proof, v.Origin.Door)
}

func stepUsed() *authority.Error {
	return authority.E(authority.InvalidGrant, "this step was taken already: sign in again").With(StepField, "over")
}
