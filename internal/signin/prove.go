package signin

import (
	"context"

	"propusk/internal/authority"
)

// ProvePassword confirms with the user's password who the caller is.
// InvalidGrant for a wrong one; LimitExceeded; Unavailable.
func (s *Service) ProvePassword(ctx context.Context, c authority.Caller, password authority.Secret) error {
	o := origin(c, MethodPassword)
	proof, err := s.core.Prove(ctx, o, c.Principal().Login, password)
	if err != nil {
		return err
	}
	if proof.Holder().Principal.ID != c.Principal().ID {
		return s.refuse(o, VerbProve, "another_user", c.Principal(), stepOver())
	}
	return s.proven(ctx, c)
}

// ProveCode confirms it with a code of his authenticator.
func (s *Service) ProveCode(ctx context.Context, c authority.Caller, code string) error {
	if err := s.checkCode(ctx, origin(c, doorCode), c.Principal(), code); err != nil {
		return err
	}
	return s.proven(ctx, c)
}

// BeginProof begins it with a passkey.
func (s *Service) BeginProof(ctx context.Context, c authority.Caller) (Ceremony, error) {
	return s.beginFor(ctx, c.Stand(), c.Principal(), forProof)
}

// ProvePasskey confirms it with a passkey.
func (s *Service) ProvePasskey(ctx context.Context, c authority.Caller, ticket authority.Secret, answer []byte) error {
	o := origin(c, MethodPasskey)
	begun, parsed, err := s.answered(o, ticket, answer, ceremony{For: forProof, User: c.Principal().ID})
	if err != nil {
		return err
	}
	if err := s.checkPasskey(ctx, o, c.Principal(), begun, parsed); err != nil {
		return err
	}
	return s.proven(ctx, c)
}

func (s *Service) proven(ctx context.Context, c authority.Caller) error {
	return s.store.ProveSession(ctx, c.Grant(), s.now())
}

// origin is the caller's as he proves himself by method.
func origin(c authority.Caller, method string) authority.Origin {
	o := c.Origin()
	o.Verb, o.Door = VerbProve, method
	return o
}

// Sessions lists the caller's live sessions, the newest first.
func (s *Service) Sessions(ctx context.Context, c authority.Caller) ([]Session, error) {
	all, err := s.store.Sessions(ctx, c.Principal().ID, s.now())
	live := all[:0]
	for _, one := range all {
		if one.over(s.now(), s.idle) == "" {
			live = append(live, one)
		}
	}
	return live, err
}

// End ends one session of the caller, its own too. NotFound for another's.
func (s *Service) End(ctx context.Context, c authority.Caller, grant authority.ID) error {
	found, err := s.store.Session(ctx, grant)
	if err != nil {
		return err
	}
	if found.Principal != c.Principal().ID {
		return authority.E(authority.NotFound, "no such session")
	}
	return s.end(ctx, c, grant)
}

// EndOthers ends all sessions of the caller but this one.
func (s *Service) EndOthers(ctx context.Context, c authority.Caller) error {
	all, err := s.store.Sessions(ctx, c.Principal().ID, s.now())
	if err != nil {
		return err
	}
	var others []authority.ID
	for _, one := range all {
		if one.Grant != c.Grant() {
			others = append(others, one.Grant)
		}
	}
	return s.end(ctx, c, others...)
}

// SignOut ends the caller's session.
func (s *Service) SignOut(ctx context.Context, c authority.Caller) error {
	return s.end(ctx, c, c.Grant())
}

// end revokes sessions. They lie in the caller's own account, wherever he works.
func (s *Service) end(ctx context.Context, c authority.Caller, grants ...authority.ID) error {
	for _, id := range grants {
		err := s.core.Revoke(ctx, c.Home(), authority.Target{Scope: authority.ScopeGrant, ID: id})
		if err != nil && authority.CodeOf(err) != authority.NotFound {
			return err
		}
	}
	return nil
}
