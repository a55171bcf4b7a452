package admin

import (
	"context"
	"strconv"
	"time"

	"propusk/internal/authority"
)

// Digester makes the keyed hash of a new machine secret, and those that one which
// is stored may have; authority.Digests does.
type Digester interface {
	Every(stand authority.Stand, kind authority.CredentialKind, secret authority.Secret) ([][]byte, error)
	Digest(stand authority.Stand, kind authority.CredentialKind, secret authority.Secret) (digest []byte, version int, err error)
}

// Hasher hashes passwords; authority.Passwords does.
type Hasher interface {
	Hash(ctx context.Context, password authority.Secret) (string, error)
}

// Dialect is what an account's settings may say of one dialect.
type Dialect struct {
	Name   string
	Shapes []string // shapes of its answers besides the default
	// Integration says that it exchanges the account's authorization token.
	Integration bool
	// IntegrationMay is what that token lets its bearer do, to begin with.
	IntegrationMay []authority.Permission
	// HexClients says that ids and secrets of its applications are 32
	// hexadecimal digits each.
	HexClients bool
	// Owned says that its applications act as the users who own them.
	Owned bool
	// Guests says that it can be called without a credential where an account
	// switches its authorization off.
	Guests bool
	// Doors are the ways in that an account can shut; where there are any, it
	// can also ask for registered applications.
	Doors []string
	// Access is how long its access tokens live where an account chooses nothing.
	Access time.Duration
	// LongestAccess is how long an access token of it may live at most; 0 = as
	// long as any.
	LongestAccess time.Duration
}

// Config makes a Service. Fields without a default are required.
type Config struct {
	Ports       Ports
	Digests     Digester
	Passwords   Hasher
	Secrets     SecretWriter           // nil = every secret has our own form
	Dialects    []Dialect              // of the deployment
	Permissions []authority.Permission // of the slices and dialects, for roles
	Now         func() time.Time       // nil = time.Now
}

// Service does what the package promises. Safe for concurrent use.
type Service struct {
	ports       Ports
	digests     Digester
	passwords   Hasher
	secrets     SecretWriter
	dialects    []Dialect
	permissions []authority.Permission
	now         func() time.Time
}

// New makes a Service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{
		ports: c.Ports, digests: c.Digests, passwords: c.Passwords, secrets: c.Secrets,
		dialects: c.Dialects, permissions: c.Permissions, now: c.Now,
	}
}

// inside asks for a permission and gives the account that the caller works in.
// One permission of several is enough.
func inside(c authority.Caller, either ...authority.Permission) (authority.ID, error) {
	if err := holds(c, either...); err != nil {
		return 0, err
	}
	id := c.Account().ID
	if id == 0 {
		return 0, authority.E(authority.InvalidRequest, "name the account to work in")
	}
	return id, nil
}

func holds(c authority.Caller, either ...authority.Permission) error {
	if away(c) {
		return nil
	}
	for _, p := range either {
		if c.Can(p) {
			return nil
		}
	}
	return forbidden(either[0])
}

// Into gives the deployment's owner as he works in another account of his stand,
// with all that its administrators may; in his own nothing changes. NotFound for
// everybody else.
func (s *Service) Into(ctx context.Context, c authority.Caller, id authority.ID) (authority.Caller, error) {
	a, err := s.Account(ctx, c, id)
	if err != nil || a.ID == c.Account().ID {
		return c, err
	}
	return c.In(a, AccountsManage), nil
}

func forbidden(p authority.Permission) error {
	return authority.E(authority.Forbidden, "the permission is missing").With("permission", string(p))
}

// act is one change that a caller asks for.
type act struct {
	permission authority.Permission
	verb       string // audit verb; "" = that of the caller's origin
	object     string // kind of what is changed
	id         authority.ID
}

// change checks the caller's permission and starts a change in his account.
func (s *Service) change(c authority.Caller, a act) (Change, error) {
	account, err := inside(c, a.permission)
	if err != nil {
		return Change{}, err
	}
	ch := s.begin(c, a)
	ch.Account = account
	return ch, nil
}

func (s *Service) begin(c authority.Caller, a act) Change {
	now := s.now()
	entry := c.Entry(object(a.object, a.id))
	entry.Time = now
	if a.verb != "" { // whoever filters the audit finds an act under one verb, through whatever door it came
		entry.Verb = a.verb
	}
	return Change{Stand: c.Stand(), Now: now, Until: authority.NothingAlive(now), Limit: limitOf(c), Entry: entry}
}

// object names a row for the audit.
func object(kind string, id authority.ID) string {
	return kind + "/" + strconv.FormatInt(int64(id), 10)
}

// idTries is how often a new row gets another id when one is taken.
const idTries = 2

// fresh runs do with a new id, once more when a unique value was taken: it may
// have been the id.
func fresh(do func(id authority.ID) error) error {
	var err error
	for range idTries {
		if err = do(authority.NewID()); authority.CodeOf(err) != authority.Conflict {
			return err
		}
	}
	return err
}

const (
	defaultSize = 50
	maxSize     = 1000
)

// Page is a part of a list. Size 0 means 50; 1000 is the most.
type Page struct {
	Offset int
	Size   int
}

func (p Page) check() (Page, error) {
	if p.Offset < 0 || p.Offset > 1<<31 {
		return p, invalid("offset", "must not be negative or beyond every list")
	}
	size, err := sizeOf(p.Size)
	p.Size = size
	return p, err
}

func sizeOf(size int) (int, error) {
	if size == 0 {
		return defaultSize, nil
	}
	if size < 0 || size > maxSize {
		return 0, invalid("size", "must lie between 1 and 1000")
	}
	return size, nil
}

// List is one page of rows and how many there are in all.
type List[T any] struct {
	Items []T
	Total int
}
