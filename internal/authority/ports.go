package authority

import (
	"context"
	"time"
)

// Credentials finds long-lived secrets. Every method reads one consistent
// moment and gives an *Error with Code NotFound for what is not there.
type Credentials interface {
	// CredentialByID finds a credential by the id inside its own text.
	CredentialByID(ctx context.Context, stand Stand, kind CredentialKind, id ID) (Standing, error)
	// CredentialsByClient finds the unrevoked ones with that public half, newest
	// first; for passwords it is the folded login. Two may overlap.
	CredentialsByClient(ctx context.Context, stand Stand, kind CredentialKind, clientID string) ([]Standing, error)
	// CredentialByDigest finds one whose text is in a foreign form, by any of
	// the given keyed hashes.
	CredentialByDigest(ctx context.Context, stand Stand, kind CredentialKind, digests [][]byte) (Standing, error)
	// Rehash replaces digest (or password hash) of the credential if it still
	// has revision.
	Rehash(ctx context.Context, r Rehash) error
}

// Rehash moves a stored hash to a new pepper or to new password parameters. The
// secret stays the same.
type Rehash struct {
	Credential ID
	Revision   int64
	Digest     []byte
	Pepper     int
	Hash       string
}

// Grants keeps grants. Each method is one durable transaction; on an error
// nothing has happened.
type Grants interface {
	// IssueGrant lets n.Refusal judge the credential once more and writes the
	// grant, with epoch and position, in the same transaction. A dead credential
	// gives a Refused error. When the credential holds too many grants, the
	// longest unused one ends.
	IssueGrant(ctx context.Context, n NewGrant) (Grant, error)
	// RotateGrant lets r.Decide judge the grant's row and does what it says, all
	// under the row: write the next generation, give the current one again, or
	// revoke the family. The Grant it gives has what tokens are written from;
	// who looked at it last is left out.
	RotateGrant(ctx context.Context, r Rotation) (Rotated, error)
	// Grant reads one grant.
	Grant(ctx context.Context, stand Stand, id ID) (Grant, error)
	// MarkUsed notes that a token of the generation was used. It is queued
	// before any later rotation and may return before it is durable.
	MarkUsed(ctx context.Context, id ID, generation uint32)
	// Touch adds to last-used marks.
	Touch(ctx context.Context, marks []Touch) error
}

// Touch is one last-used mark.
type Touch struct {
	Grant      ID
	Credential ID
	At         time.Time
	Address    string
	Count      int
}

// Revocations makes revocations durable.
type Revocations interface {
	// Revoke appends revoke entries for targets and marks their rows in one
	// transaction. The entries have been applied to the Feed here before it
	// returns, on every other live node too. A target outside account (unless
	// account is 0) is left alone and reported as NotFound.
	Revoke(ctx context.Context, r Revocation) error
}

// Revocation asks for targets to be refused from now on.
type Revocation struct {
	Stand   Stand
	Account ID
	Kind    FeedKind // "" = FeedRevoke
	Targets []Target
	Until   time.Time // when nothing issued before can be alive
	Entry   Entry
}

// Callers reads what a principal is and may do.
type Callers interface {
	// Caller gives principal, account and permissions at one moment.
	Caller(ctx context.Context, stand Stand, principal ID) (Standing, error)
}

// Auditor writes entries that no change carries: refusals.
type Auditor interface {
	WriteAudit(ctx context.Context, entries []Entry) error
}

// DoorUse is how often a credential came in through a weak door, or came in
// since it was last written down.
type DoorUse struct {
	Stand      Stand
	Account    ID
	Principal  ID
	Credential ID
	Dialect    string
	Door       string
	At         time.Time // the last time
	Address    string    // the last one it was used from
	Count      int
}

// Doors keeps the use of weak doors.
type Doors interface {
	// NoteDoors adds to what is known of each credential and door.
	NoteDoors(ctx context.Context, uses []DoorUse) error
}

// Accounts finds accounts that no credential names. NotFound for none.
type Accounts interface {
	// Account reads one account of the stand.
	Account(ctx context.Context, stand Stand, id ID) (Account, error)
	// AccountByContract finds an account by its contract number.
	AccountByContract(ctx context.Context, stand Stand, contract string) (Account, error)
	// AccountByHost finds the account that a host name, as HostName gives it, is
	// bound to.
	AccountByHost(ctx context.Context, stand Stand, host string) (Account, error)
	// DefaultAccount gives the stand's default account; where none was chosen,
	// the first that was made.
	DefaultAccount(ctx context.Context, stand Stand) (Account, error)
}

// Attempt is one try to be let in.
type Attempt struct {
	Origin Origin // its stand and address count
	Client string // kind and login or client id; where there is none, the secret's keyed digest
	Proof  Secret // what is presented; who shows again what was right does not guess
}

// Attempts limits refused attempts per client and address, and per client.
type Attempts interface {
	// Do runs try unless too many before it were refused: then it gives
	// LimitExceeded without running it. InvalidClient, InvalidGrant,
	// InvalidToken and Unauthenticated count as refused; nil clears the count.
	Do(ctx context.Context, at Attempt, try func() error) error
}
