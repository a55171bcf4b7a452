package authority

import (
	"cmp"
	"time"
)

// Grant is one successful exchange of a credential: the root of a family of
// tokens. Its row never holds a token, only what is needed to write the same
// token again.
type Grant struct {
	ID         ID
	Stand      Stand
	Account    ID
	Principal  ID // whom its tokens act as
	Through    ID // the principal whose credential it came from, where that is another; 0 = its own
	Credential ID
	ClientID   string
	Dialect    string
	Door       string
	Scope      []Permission // nil = all that the principal may
	Epoch      uint64       // the stand's epoch at issue
	Position   Position     // the feed's position at issue
	Created    time.Time
	Lifetime   time.Duration // of each access token of the family
	FamilyEnds time.Time     // zero without refresh
	Current    Generation
	Former     Generation   // Number is meaningful only when Current.Number > 0
	Earlier    []Generation // those before Current whose short access tokens may live, oldest first; no position, key id or refresh expiry
	Rotated    time.Time    // when Current replaced Former; zero before the first refresh
	Used       bool         // a token of Current was seen in use
	Mark       Position     // highest revoke of this grant; 0 = none
	LastUsed   time.Time
	Address    string // the last one it was used from
}

// Generation is one set of tokens of a grant.
type Generation struct {
	Number         uint32
	Issued         time.Time // whole seconds
	AccessExpires  time.Time
	RefreshExpires time.Time // zero without refresh
	Position       Position
	KeyID          string // kid that signs its JWTs; "" without any
	KeyVersion     int    // version of the MAC key of its opaque tokens, and of what JWTs hide
}

// Gone is when no token of the grant can be alive, so that its row may leave.
func (g Grant) Gone() time.Time {
	gone := later(later(g.Current.AccessExpires, g.Current.RefreshExpires), g.Former.AccessExpires)
	for _, gen := range g.Earlier {
		gone = later(gone, gen.AccessExpires)
	}
	return gone
}

// holder is whose credential the grant came from.
func (g Grant) holder() ID { return cmp.Or(g.Through, g.Principal) }

// Standing is a credential with everything its word depends on, read at one
// moment.
type Standing struct {
	Credential  Credential
	Digest      []byte // keyed hash of the secret; nil for passwords
	Pepper      int    // version of the pepper behind Digest
	Hash        string // password hash in PHC form; "" for machine secrets
	Revision    int64  // moves when the secret changes
	Principal   Principal
	Account     Account
	Permissions []Permission // sorted
	Mark        Position     // highest revoke of credential, principal or account
}

// Refusal says why a standing is refused, as a fixed word for the audit; ""
// means it stands.
func (s Standing) Refusal(now time.Time) string {
	switch {
	case s.Credential.Revoked:
		return "credential_revoked"
	case !s.Credential.Expires.IsZero() && !now.Before(s.Credential.Expires):
		return "credential_expired"
	case s.Principal.Disabled:
		return "principal_disabled"
	case s.Principal.KeysOff:
		return "token_access_off"
	case s.Account.Disabled:
		return "account_disabled"
	}
	return ""
}
