package signin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// Core is what the Service needs of the core; *authority.Authority is one.
type Core interface {
	// Revoke makes targets of the caller's account refused from its return on.
	Revoke(ctx context.Context, c authority.Caller, targets ...authority.Target) error
	// Refuse notes a refusal that was decided here.
	Refuse(e authority.Entry)
}

// Store keeps sessions and what their users chose. Each writing method is one
// durable transaction; what is not there is NotFound.
type Store interface {
	// CreateSession keeps a new session, and lets those of its principal go that
	// are over.
	CreateSession(ctx context.Context, stand authority.Stand, s Session) error
	// Session reads one with its user's choices.
	Session(ctx context.Context, grant authority.ID) (Session, error)
	// NoteSession moves Seen on to at.
	NoteSession(ctx context.Context, grant authority.ID, at time.Time) error
	// Choose keeps the choices that are not empty.
	Choose(ctx context.Context, choice Choice) error
}

// Choice is what a user likes to look at.
type Choice struct {
	Principal, Account authority.ID
	Language, Theme    string // "" = as before
}
