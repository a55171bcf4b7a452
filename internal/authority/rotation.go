package authority

import (
	"cmp"
	"slices"
	"time"
)

// RefusedError says that the transaction found the credential dead, with the
// reason as a fixed word for the audit.
type RefusedError struct{ Reason string }

// Error implements error.
func (e *RefusedError) Error() string { return "refused: " + e.Reason }

// NewGrant asks for a grant.
type NewGrant struct {
	Grant    Grant
	Revision int64 // of the credential when its secret was compared
	MaxLive  int   // bound of live grants per credential
	Single   bool  // kill the credential's other grants
	Now      time.Time
	Until    time.Time // with Single: when nothing issued before can be alive
	Entry    Entry
}

// Refusal judges the credential as the writing transaction sees it; "" lets the
// grant be written.
func (n NewGrant) Refusal(s Standing) string {
	if s.Revision != n.Revision {
		return "secret_changed"
	}
	return s.Refusal(n.Now)
}

// Rotation asks for the next generation of a grant.
type Rotation struct {
	Stand           Stand
	Grant           ID
	Dialect         string       // the grant must be of this dialect
	ClientID        string       // when set, the grant must be of this client
	Scope           []Permission // when set, no more than this grant's. RFC 6749 §6
	Presented       uint32       // generation of the refresh token shown
	Now             time.Time
	Window          time.Duration // how long a replay gets the same answer
	RefreshLifetime time.Duration
	AccessLifetime  time.Duration // of this generation; 0 = the grant's
	Single          bool          // the former generation dies at once
	Short           bool          // access tokens are proved by the row, which keeps the generations that live
	Revoked         bool          // the feed refuses the token: it can only be one that is used again
	KeyID           string        // key that signs the next generation
	KeyVersion      int           // MAC key of the next generation
	Until           time.Time     // when nothing issued before can be alive
	Entry           Entry
	// Known gives what is remembered of a principal, as Callers would read it;
	// false = read it in the transaction. nil = nothing is remembered.
	Known func(principal ID) (Standing, bool)
}

// Rotated is what a rotation found: a refusal, or exactly one of the three
// others.
type Rotated struct {
	Grant    Grant    // as it stands after the rotation
	Standing Standing // without the secret's own fields; of a refusal the ids only
	Refusal  string   // fixed word: family, credential, principal or account is dead
	Fresh    bool     // the next generation was written
	Replayed bool     // the current generation is the answer to a lost reply
	Reused   bool     // a spent token was shown: the family is revoked
}

// Decide judges a refresh token against the grant's row, what it hangs on and
// the stand's epoch and position, all read under the row's lock. It is the whole
// rule of rotation; the store only carries it out.
//
//	current generation                              → the next one
//	the one before, in the window, successor unused → the current one again
//	any other                                       → theft: the family dies
//
// RFC 9700 §4.14.2.
func (r Rotation) Decide(g Grant, s Standing, epoch uint64, position Position) Rotated {
	out := Rotated{Grant: g, Standing: s}
	switch {
	case g.Dialect != r.Dialect || (r.ClientID != "" && g.ClientID != r.ClientID):
		out.Refusal = "foreign_client"
	case g.Epoch != epoch:
		out.Refusal = "epoch_passed"
	case g.Mark > g.Position:
		out.Refusal = "grant_revoked"
	case s.Mark > g.Position:
		out.Refusal = "standing_revoked"
	case s.Refusal(r.Now) != "":
		out.Refusal = s.Refusal(r.Now)
	case !r.Now.Before(g.FamilyEnds):
		out.Refusal = "family_expired"
	case r.Presented > g.Current.Number:
		out.Refusal = "generation_unknown" // written by a row that was lost since
	case r.Presented == g.Current.Number && r.Revoked:
		out.Refusal = "token_revoked"
	case r.beyond(g, s) && (r.Presented == g.Current.Number || r.replays(g)):
		out.Refusal = scopeTooWide
	case r.Presented == g.Current.Number:
		out.Fresh = true
		out.Grant = r.next(g, s.Credential, position)
	case r.replays(g):
		out.Replayed = true
	default:
		out.Reused = true
	}
	return out
}

// scopeTooWide is why a refresh that asks for more than was approved is refused.
const scopeTooWide = "scope_too_wide"

// beyond reports whether r asks for more than the grant reaches.
func (r Rotation) beyond(g Grant, s Standing) bool {
	held := g.Scope
	if held == nil {
		held = s.Permissions
	}
	_, err := narrow(r.Scope, held)
	return err != nil
}

// replays reports whether r asks again for an answer that was lost. A successor
// that has expired meanwhile is no answer. Without a window nothing is: of two
// that race, the later may have read its clock first.
func (r Rotation) replays(g Grant) bool {
	return !r.Revoked && r.Window > 0 && g.Current.Number > 0 && r.Presented == g.Current.Number-1 && !g.Used &&
		r.Now.Before(g.Rotated.Add(r.Window))
}

// next is g one generation on.
func (r Rotation) next(g Grant, c Credential, position Position) Grant {
	issued := r.Now.Truncate(time.Second)
	if r.Short {
		g.Earlier = r.living(g)
	}
	g.Former = g.Current
	g.Current = Generation{
		Number: g.Current.Number + 1, Issued: issued,
		AccessExpires:  c.cap(issued.Add(cmp.Or(r.AccessLifetime, g.Lifetime))),
		RefreshExpires: c.cap(earlier(issued.Add(r.RefreshLifetime), g.FamilyEnds)),
		Position:       position, KeyID: r.KeyID, KeyVersion: r.KeyVersion,
	}
	g.Rotated, g.Used = r.Now, false
	return g
}

// maxEarlier bounds the generations that a row keeps to prove short tokens: of a
// client that refreshes faster than its tokens expire, the oldest end early.
const maxEarlier = 256

// living lists the generations of g whose access tokens outlive the rotation.
func (r Rotation) living(g Grant) []Generation {
	var out []Generation
	for _, gen := range append(slices.Clone(g.Earlier), g.Current) {
		if r.Now.Before(gen.AccessExpires) {
			out = append(out, gen)
		}
	}
	return out[max(0, len(out)-maxEarlier):]
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
