package authority

import (
	"log/slog"
	"slices"
	"time"

	"github.com/maypok86/otter/v2"

	"propusk/internal/keys"
)

// Ports are what the core needs of storage. One value usually satisfies all.
type Ports struct {
	Credentials Credentials
	Grants      Grants
	Revocations Revocations
	Callers     Callers
	Auditor     Auditor
	Doors       Doors              // nil = weak doors are not counted
	Accounts    Accounts           // nil = no guests, and no account without a credential
	Usage       Usage              // nil = uses are not counted
	Codes       AuthorizationCodes // nil = no dialect declares CodeRules
}

// Config makes an Authority. Fields without a default are required.
type Config struct {
	Profiles  []Profile
	Ring      *keys.Ring
	Feed      *Feed
	Ports     Ports
	Attempts  Attempts
	Passwords *Passwords
	Epochs    map[Stand]uint64           // each stand's epoch, as stored
	Issuer    func(Stand, string) string // issuer by stand and dialect
	Now       func() time.Time           // nil = time.Now
	Logger    *slog.Logger               // nil = slog.Default
	MaxLive   int                        // live grants per credential; 0 = 10,000
	Entries   int                        // audit lines of their own of one kind a minute; 0 = 60
	CacheSize int                        // verified tokens and callers remembered; 0 = 100,000
	Count     func(Count)                // told of each issue, refresh, revocation, refusal; nil = nobody
}

// Count is one act, for metrics. All words come from fixed sets.
type Count struct {
	Dialect string
	Verb    string
	Outcome Outcome
}

// The verbs of the core's own audit entries.
const (
	VerbIssue        = "token.issue"
	VerbRefresh      = "token.refresh"
	VerbAuthenticate = "token.authenticate"
	VerbRevoke       = "token.revoke"
	VerbExpire       = "token.expire"
)

const (
	defaultMaxLive   = 10_000
	defaultCacheSize = 100_000
	// maxAccess bounds every access token's lifetime, and so how long the feed
	// must remember a revocation.
	maxAccess = 31 * 24 * time.Hour
)

// Authority is the core. Safe for concurrent use; Run must be running beside it
// for refusals and last-used marks to reach the store.
type Authority struct {
	profiles  []Profile
	dialects  []string
	writer    writer
	feed      *Feed
	ports     Ports
	attempts  Attempts
	passwords *Passwords
	epochs    map[Stand]uint64
	now       func() time.Time
	log       *slog.Logger
	maxLive   int
	count     func(Count)

	verified  *otter.Cache[tokenKey, *verified]
	callers   *otter.Cache[ID, *callerState]
	standings *standings
	pairs     *pairs
	accounts  *memory[accountKey, Account]
	doors     *doors
	usage     *usage
	refusals  *gatherer
	routine   *routine
	touches   *touches
}

// New makes an Authority over ports.
func New(c Config) (*Authority, error) {
	a := &Authority{
		profiles: c.Profiles, writer: writer{keys.NewDecoder[claims](), c.Ring, c.Issuer}, feed: c.Feed, ports: c.Ports,
		attempts: c.Attempts, passwords: c.Passwords, epochs: c.Epochs, now: c.Now,
		log: c.Logger, maxLive: c.MaxLive, count: c.Count,
	}
	a.defaults()
	for _, p := range c.Profiles {
		a.dialects = append(a.dialects, p.Dialect)
	}
	size := c.CacheSize
	if size == 0 {
		size = defaultCacheSize
	}
	var err error
	if a.verified, err = otter.New(&otter.Options[tokenKey, *verified]{MaximumSize: size}); err != nil {
		return nil, err
	}
	if a.callers, err = otter.New(&otter.Options[ID, *callerState]{MaximumSize: size}); err != nil {
		return nil, err
	}
	if a.standings, err = newMemory[standingKey, Standing](a.feed, size); err != nil {
		return nil, err
	}
	if a.pairs, err = newPairs(a.feed, size); err != nil {
		return nil, err
	}
	if a.accounts, err = newMemory[accountKey, Account](a.feed, size); err != nil {
		return nil, err
	}
	entries := c.Entries
	if entries == 0 {
		entries = singleEntries
	}
	a.refusals, a.routine, a.touches = newGatherer(entries), newRoutine(entries), newTouches()
	a.doors, a.usage = newDoors(), newUsage(c.Ports.Usage)
	a.feed.OnEntry(a.forget)
	return a, nil
}

func (a *Authority) defaults() {
	if a.now == nil {
		a.now = time.Now
	}
	if a.log == nil {
		a.log = slog.Default()
	}
	if a.maxLive == 0 {
		a.maxLive = defaultMaxLive
	}
	if a.count == nil {
		a.count = func(Count) {}
	}
}

// profile finds what a dialect declared. Asking for one that declared nothing
// is a defect of the wiring.
func (a *Authority) profile(dialect string) (Profile, error) {
	i := slices.IndexFunc(a.profiles, func(p Profile) bool { return p.Dialect == dialect })
	if i < 0 {
		return Profile{}, E(Internal, "dialect without a profile: "+dialect)
	}
	return a.profiles[i], nil
}

func (p Profile) spec(kind TokenKind) TokenSpec {
	switch kind {
	case AccessToken:
		return p.Access
	case RefreshToken:
		return p.Refresh
	case IDToken:
		return p.ID
	}
	return TokenSpec{}
}
