package authority

import (
	"net/netip"
	"slices"
	"time"
)

// ID names a row of any kind. Ids are random and positive, never serial and
// never reused, but for audit entries, whose id is a position and leaves sealed.
// All but grants have 53 bits, so that JSON numbers carry them
// exactly (RFC 8259 §6); a grant has 59, so that ten characters of base 62 hold
// it (docs/decisions/0006-ids.md). Zero means "none".
type ID int64

// Stand is one of the two worlds of a deployment. Nothing of one is accepted
// by the other.
type Stand string

// The stands.
const (
	Production Stand = "production"
	Test       Stand = "test"
)

// Stands lists both.
func Stands() []Stand { return []Stand{Production, Test} }

// Permission names one right, such as "TasksList". Permissions are declared by
// the slice or dialect whose routes ask for them. The empty Permission asks for
// nothing beyond a living caller.
type Permission string

// Account is a tenant. Its row belongs to exactly one stand.
type Account struct {
	ID       ID
	Stand    Stand
	Name     string
	Contract string // contract number, unique per stand
	Number   int64  // the account's number, where an API names it in paths; unique per stand
	Disabled bool
	Settings Settings
	Created  time.Time
}

// DefaultTimeZone is the zone of an account that has chosen none.
const DefaultTimeZone = "Europe/Moscow"

// Settings are an account's switches. Every zero value means the documented
// default, so that a new field never changes an old account.
type Settings struct {
	// AccessLifetime is the lifetime of access tokens by dialect; missing = the
	// dialect's documented one.
	AccessLifetime map[string]time.Duration `json:"access_lifetime,omitempty"`
	// AcceptTokensFrom lists, by dialect, the dialects whose tokens it takes
	// besides its own; empty = none.
	AcceptTokensFrom map[string][]string `json:"accept_tokens_from,omitempty"`
	// TimeZone is an IANA name; empty = DefaultTimeZone.
	TimeZone string `json:"time_zone,omitempty"`
	// Strict turns on, by dialect, the literal refusals of the real API, also of
	// what its own samples do.
	Strict map[string]bool `json:"strict,omitempty"`
	// Guest switches a dialect's authorization off: calls without a credential
	// pass as the account's guest, who may only read.
	Guest map[string]bool `json:"guest,omitempty"`
	// DoorsOff lists, by dialect, the ways in that the account has shut, by the
	// words of Profile.DoorsOff.
	DoorsOff map[string][]string `json:"doors_off,omitempty"`
	// Clients, by dialect, takes passwords through registered applications of
	// the account alone.
	Clients map[string]bool `json:"clients,omitempty"`
	// Shape picks, by dialect, another documented shape of an answer, such as
	// "map".
	Shape map[string]string `json:"shape,omitempty"`
	// Deleting says that the account's deletion has begun: it is never enabled
	// again.
	Deleting bool `json:"deleting,omitempty"`
	// Retention is how long what the account has gathered is kept.
	Retention Retention `json:"retention,omitzero"`
}

// Retention is how many days an account keeps what it has gathered; 0 = for
// ever, or as long as is documented.
type Retention struct {
	Calls      int `json:"calls,omitempty"`
	Recordings int `json:"recordings,omitempty"`
	Results    int `json:"results,omitempty"` // answers that can be asked for by their hash; 7 days at most
	Audit      int `json:"audit,omitempty"`
}

// PrincipalKind tells what acts.
type PrincipalKind string

// The kinds of principal.
const (
	User        PrincipalKind = "user"
	ServiceUser PrincipalKind = "service_user"
	Application PrincipalKind = "application"
	// Integration is the account itself, as its authorization token acts; an
	// account has one at most.
	Integration PrincipalKind = "integration"
)

// The groups of users that dialects know.
const (
	GroupMobileUser         = "mobile_user"
	GroupExternalConnection = "external_connection"
	GroupAdministrator      = "administrator"
	GroupReadOnly           = "read_only" // changes nothing
)

// Groups lists the groups that there are.
func Groups() []string {
	return []string{GroupMobileUser, GroupExternalConnection, GroupAdministrator, GroupReadOnly}
}

// Principal is a user, a service user or an application of one account.
type Principal struct {
	ID       ID
	Account  ID
	Kind     PrincipalKind
	Name     string
	Login    string // users only; unique per stand, compared folded
	Group    string // users only: a dialect-neutral name, such as GroupMobileUser
	Disabled bool
	Roles    []ID
	Areas    Areas
	Created  time.Time
	Of       ID     // users only: the application whose user he is; 0 = the account's own
	KeysOff  bool   // users only: no API's door gives him a token, none takes his secrets
	Traits   Traits // applications only
}

// Traits are what only applications have. Type and Access are words of the
// dialect that the application was made for.
type Traits struct {
	DisplayName  string   `json:"display_name,omitempty"`
	Description  string   `json:"description,omitempty"`
	Type         string   `json:"type,omitempty"`   // how it comes in, such as "trusted"
	Access       string   `json:"access,omitempty"` // how far it reaches, such as "All"
	RedirectURIs []string `json:"redirect_uris,omitempty"`
	Owner        ID       `json:"owner,omitempty"` // the user that it acts as; 0 = itself
	// NoSecret is of an application that could not keep one, such as a page or a
	// program on a telephone: it shows its client id alone, and PKCE.
	NoSecret bool `json:"no_secret,omitempty"`
}

// Areas is what part of an account's work a principal sees. The zero value sees
// nothing that lies in an area: forgetting to fill it never widens.
type Areas struct {
	All bool
	IDs []ID // sorted; ignored when All
}

// Allow reports whether area lies inside a. Rows without an area (0) are seen
// only by those who see all.
func (a Areas) Allow(area ID) bool {
	if a.All {
		return true
	}
	_, ok := slices.BinarySearch(a.IDs, area)
	return ok && area != 0
}

// Role is a named set of permissions of one account.
type Role struct {
	ID          ID
	Account     ID
	Name        string
	Permissions []Permission
}

// Area is a named part of an account's work («участок»).
type Area struct {
	ID      ID
	Account ID
	Name    string
}

// CredentialKind tells what a long-lived secret is. A secret of one kind is
// never accepted as another.
type CredentialKind string

// The kinds of credential.
const (
	Password           CredentialKind = "password"
	ServiceToken       CredentialKind = "service_token"
	AccessKey          CredentialKind = "access_key"
	ApplicationSecret  CredentialKind = "application_secret"
	AuthorizationToken CredentialKind = "authorization_token"
)

// Credential is one long-lived secret of a principal, without the secret.
type Credential struct {
	ID          ID
	Account     ID
	Principal   ID
	Stand       Stand
	Kind        CredentialKind
	ClientID    string // the public half where the kind has one; unique per stand and kind
	Application string // dialect the credential was made for; "" = any that takes the kind
	Description string
	Created     time.Time
	Expires     time.Time      // zero = never
	Allow       []netip.Prefix // empty = from anywhere
	Revoked     bool
	LastUsed    time.Time // zero = never used
	LastAddress string
}

// cap keeps a token from outliving the secret it came from. It falls on a whole
// second, as times in tokens do.
func (c Credential) cap(expires time.Time) time.Time {
	if c.Expires.IsZero() {
		return expires
	}
	return earlier(expires, c.Expires.Truncate(time.Second))
}

// TokenKind tells what a token is for.
type TokenKind uint8

// The kinds of token.
const (
	AccessToken TokenKind = iota + 1
	RefreshToken
	IDToken
)

// String gives the RFCs' word.
func (k TokenKind) String() string {
	switch k {
	case AccessToken:
		return "access"
	case RefreshToken:
		return "refresh"
	case IDToken:
		return "id"
	}
	return "unknown"
}

// Scope says what a revoke or changed entry of the feed is about.
type Scope string

// The scopes, from narrow to wide.
const (
	ScopeToken      Scope = "token"
	ScopeGeneration Scope = "generation"
	ScopeGrant      Scope = "grant"
	ScopeCredential Scope = "credential"
	ScopePrincipal  Scope = "principal"
	ScopeAccount    Scope = "account"
	ScopeKey        Scope = "key"
	ScopeStand      Scope = "stand"
)
