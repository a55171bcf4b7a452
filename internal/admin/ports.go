package admin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// Ports are what the Service needs of storage. One value usually satisfies all.
type Ports struct {
	Accounts    Accounts
	Principals  Principals
	Roles       Roles
	Areas       Areas
	Credentials Credentials
	Grants      Grants
	Audit       Audit
	Usage       Usage
	Keys        Keys
	Revocations authority.Revocations

	Owners       Owners
	People       People
	Consents     Consents
	Doors        Doors
	Hosts        Hosts
	Integrations Integrations
	Imports      Imports
	Figures      Figures
	Names        Names
}

// Change is what every writing method of the ports carries. Each is one durable
// transaction with its audit entry and feed entries in it; on an error nothing
// has happened. A row outside Account is NotFound, as if it were not there.
type Change struct {
	Stand   authority.Stand
	Account authority.ID
	Now     time.Time
	Until   time.Time // when nothing issued before can be alive
	Limit   Limit     // asked in the transaction, about the rows as they are
	Entry   authority.Entry
}

// Accounts keeps accounts.
type Accounts interface {
	// CreateAccount writes an account with its roles and first user. Conflict
	// when contract, number or login is taken.
	CreateAccount(ctx context.Context, ch Change, n AccountCreation) error
	// Account reads one account of the stand.
	Account(ctx context.Context, stand authority.Stand, id authority.ID) (authority.Account, error)
	// AccountByContract finds an account by its contract number.
	AccountByContract(ctx context.Context, stand authority.Stand, contract string) (authority.Account, error)
	// Accounts lists the accounts of the stand by name.
	Accounts(ctx context.Context, stand authority.Stand, p Page) (List[authority.Account], error)
	// ChangeAccount applies edit to ch.Account. Disabling revokes everything
	// that was issued in it; any other change drops what is remembered of it.
	ChangeAccount(ctx context.Context, ch Change, edit AccountEdit) (authority.Account, error)
	// DeleteAccount takes a disabled account and all that lies in it away, but
	// for the audit. Conflict while it is not disabled.
	DeleteAccount(ctx context.Context, ch Change) error
}

// Principals keeps users, service users and applications.
type Principals interface {
	// CreatePrincipal writes a principal, with its password if it has one.
	// Conflict when the login is taken, InvalidValue for roles or areas that are
	// not the account's.
	CreatePrincipal(ctx context.Context, ch Change, n PrincipalCreation) error
	// Principal reads one of the kind.
	Principal(ctx context.Context, account, id authority.ID, kind authority.PrincipalKind) (authority.Principal, error)
	// Principals lists those of the kind by name.
	Principals(ctx context.Context, account authority.ID, kind authority.PrincipalKind, p Page) (List[authority.Principal], error)
	// UsersOf lists the users of one list by name: those of an application, or
	// with 0 the account's own.
	UsersOf(ctx context.Context, account, of authority.ID, p Page) (List[authority.Principal], error)
	// ChangePrincipal applies edit. Disabling, or switching access keys off,
	// revokes what was issued to it; any other change drops what is remembered of
	// it.
	ChangePrincipal(ctx context.Context, ch Change, edit PrincipalEdit) (authority.Principal, error)
	// SetPassword gives a user another password and revokes what was issued to
	// him.
	SetPassword(ctx context.Context, ch Change, user authority.ID, hash string) error
	// DeletePrincipal takes a principal with its credentials and grants away and
	// revokes what was issued to it.
	DeletePrincipal(ctx context.Context, ch Change, id authority.ID, kind authority.PrincipalKind) error
}

// Roles keeps roles.
type Roles interface {
	// CreateRole writes a role. Conflict when the name is taken.
	CreateRole(ctx context.Context, ch Change, r authority.Role) error
	// Roles lists the account's roles by name.
	Roles(ctx context.Context, account authority.ID, p Page) (List[authority.Role], error)
	// Holders lists who holds a role, by name.
	Holders(ctx context.Context, account, role authority.ID, p Page) (List[authority.Principal], error)
	// Role reads one.
	Role(ctx context.Context, account, id authority.ID) (authority.Role, error)
	// ChangeRole applies edit and drops what is remembered of the account.
	ChangeRole(ctx context.Context, ch Change, edit RoleEdit) (authority.Role, error)
	// CompleteRoles adds what of r's permissions is missing to every role of its
	// name, on both stands, as Completed does, and says how many have changed.
	// Each gets ch's entry, filled with what it is.
	CompleteRoles(ctx context.Context, ch Change, r authority.Role) (int, error)
	// DeleteRole takes a role away. Conflict while a principal holds it.
	DeleteRole(ctx context.Context, ch Change, id authority.ID) error
}

// Areas keeps areas.
type Areas interface {
	// CreateArea writes an area. Conflict when the name is taken.
	CreateArea(ctx context.Context, ch Change, a authority.Area) error
	// Areas lists the account's areas by name.
	Areas(ctx context.Context, account authority.ID, p Page) (List[authority.Area], error)
	// Area reads one.
	Area(ctx context.Context, account, id authority.ID) (authority.Area, error)
	// RenameArea gives an area another name.
	RenameArea(ctx context.Context, ch Change, a authority.Area) (authority.Area, error)
	// DeleteArea takes an area away. Conflict while a principal is bound to it
	// or work lies in it.
	DeleteArea(ctx context.Context, ch Change, id authority.ID) error
}

// Credentials keeps machine secrets.
type Credentials interface {
	// AddCredential writes a secret of a principal and does to its former ones
	// of the kind what n says.
	AddCredential(ctx context.Context, ch Change, n CredentialCreation) error
	// Credential reads one.
	Credential(ctx context.Context, account, id authority.ID) (Credential, error)
	// Credentials lists those of a principal, newest first.
	Credentials(ctx context.Context, account, principal authority.ID) ([]Credential, error)
	// RevokeCredential ends one with everything made from it.
	RevokeCredential(ctx context.Context, ch Change, id authority.ID) error
	// EndOverlaps ends those whose overlap is over, on both stands, and says how
	// many, and when the next one is; zero = there is none. Each gets ch's entry,
	// filled with what it is.
	EndOverlaps(ctx context.Context, ch Change) (ended int, next time.Time, err error)
}

// Grants reads the grants that are alive.
type Grants interface {
	// LiveGrants lists them along the query's cursor.
	LiveGrants(ctx context.Context, account authority.ID, q GrantQuery, now time.Time) ([]LiveGrant, error)
	// CountGrants says how many the query finds, whatever its cursor.
	CountGrants(ctx context.Context, account authority.ID, q GrantQuery, now time.Time) (int, error)
	// GrantEffect sums up those that the query finds, whatever its cursor, and
	// names the last used q.Size of them. One that is not narrow it counts to
	// CountedGrants.
	GrantEffect(ctx context.Context, account authority.ID, q GrantQuery, now time.Time) (GrantEffect, error)
	// Within asks ch.Limit about everybody whom the target, a principal or a
	// grant, acts as or comes from. Nothing that is not there is refused.
	Within(ctx context.Context, ch Change, t authority.Target) error
}

// Audit reads the audit, newest first.
type Audit interface {
	// Entries lists those of the account and those of no account, as q.Whose
	// says; 0 = those of the whole stand.
	Entries(ctx context.Context, stand authority.Stand, account authority.ID, q AuditQuery) ([]authority.Entry, error)
}
