package server

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"propusk/internal/admin"
	"propusk/internal/audit"
	"propusk/internal/authority"
	"propusk/internal/blob"
	"propusk/internal/calls"
	"propusk/internal/catalog"
	"propusk/internal/dialect/ringme"
	"propusk/internal/directory"
	"propusk/internal/keys"
	"propusk/internal/retention"
	"propusk/internal/signin"
	"propusk/internal/store"
	storeadmin "propusk/internal/store/admin"
	storeauthority "propusk/internal/store/authority"
	storecalls "propusk/internal/store/calls"
	storecatalog "propusk/internal/store/catalog"
	storedirectory "propusk/internal/store/directory"
	storekeys "propusk/internal/store/keys"
	"propusk/internal/tasks"
	"propusk/internal/web"
)

// DemoFixture is the file that marks a data folder as the demo's.
const DemoFixture = "demo-fixture.json"

// Data is an open deployment without its listeners: what `serve` serves from
// and what the operator's commands work on. Safe for concurrent use.
type Data struct {
	Config    Config
	DB        *store.DB
	Ring      *keys.Ring
	Feed      *authority.Feed
	Store     *storeauthority.Store
	Authority *authority.Authority
	Passwords *authority.Passwords
	Admin     *admin.Service
	Calls     *calls.Service
	Catalog   *catalog.Service
	Uploads   *catalog.Uploads
	Directory *directory.Service
	Stands    map[authority.Stand]store.StandRow
	Log       *slog.Logger
	Now       func() time.Time

	factorSealer *keys.Sealer // of what people's second factors are kept as
	blobs        *blob.Folder
	records      *storecalls.Store

	retention *retention.Purger
	level     slog.LevelVar
	issuers   *issuers
	count     func(authority.Count)
	entries   []Entry
	keys      sync.WaitGroup // running while keys are being made
	stop      context.CancelFunc

	keysUntil context.Context //nolint:containedctx // ends with Close, not with the request that asks for a key
	locks     []*store.Lock
	lines     *web.LineWriter // behind Log; nil when that was given
}

// Options are what a deployment can be given besides its configuration. The
// zero value is right for production.
type Options struct {
	Log       *slog.Logger           // nil = standard error, as the configuration says
	Now       func() time.Time       // nil = time.Now
	Passwords authority.PasswordCost // zero = the default cost
	Demo      bool                   // the folder may be the demo's
	Count     func(authority.Count)  // told of each issue, refresh, refusal; nil = nobody
	Dialects  []Entry                // besides those of the registry
}

// OpenData takes the data folder or database for this process alone, brings its
// schema up to date and makes the keys that are missing. The caller closes it.
// store.ErrLocked says that another process has it.
func OpenData(ctx context.Context, c Config, o Options) (*Data, error) {
	d := &Data{
		Config: c, Log: o.Log, Now: o.Now, issuers: newIssuers(c.BaseURL), count: o.Count,
		entries: append(registry(), o.Dialects...),
	}
	if d.Log == nil {
		d.lines = web.NewLineWriter(os.Stderr)
		d.Log = slog.New(d.lines.Urgent(c.Log.logger(d.lines, &d.level).Handler()))
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	err := d.open(ctx, o)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Data) open(ctx context.Context, o Options) error {
	if err := d.takeFolder(o.Demo); err != nil {
		return err
	}
	if err := d.openStore(ctx); err != nil {
		return err
	}
	if err := d.openKeys(ctx); err != nil {
		return err
	}
	if err := d.openCore(ctx, o); err != nil {
		return err
	}
	return d.noteRestore(ctx)
}

// takeFolder makes the data folder and locks it.
func (d *Data) takeFolder(demo bool) error {
	if err := os.MkdirAll(d.Config.Data, 0o700); err != nil {
		return fmt.Errorf("the data folder cannot be made: %w", err)
	}
	if err := os.Chmod(d.Config.Data, 0o700); err != nil { // under any umask, and when it was there
		return fmt.Errorf("the data folder cannot be made private: %w", err)
	}
	if _, err := os.Stat(filepath.Join(d.Config.Data, DemoFixture)); err == nil && !demo {
		return fmt.Errorf("%s is a demo folder: its secrets lie in a file; choose another data folder", d.Config.Data)
	}
	lock, err := store.LockFolder(d.Config.Data)
	if err == nil {
		d.locks = append(d.locks, lock)
	}
	return err
}

func (d *Data) openStore(ctx context.Context) error {
	dsn, err := d.Config.DatabaseDSN()
	if err != nil {
		return err
	}
	d.DB, err = store.Open(ctx, store.Config{
		Driver: d.Config.Database.Driver, Folder: d.Config.Data, DSN: dsn.Reveal(), Logger: d.Log, Now: d.Now,
	})
	if err != nil {
		return err
	}
	if d.Config.Database.Driver == store.Postgres {
		lock, err := d.DB.LockDatabase(ctx)
		if err != nil {
			return err
		}
		d.locks = append(d.locks, lock)
	}
	if err := d.DB.Migrate(ctx); err != nil {
		return err
	}
	d.Stands, err = d.DB.Stands(ctx, newIssuerName)
	return err
}

// newIssuerName makes a stand's name in tokens: 44 characters, as the documented
// control panel writes them.
func newIssuerName() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return base64.URLEncoding.EncodeToString(b)
}

func (d *Data) openKeys(ctx context.Context) error {
	path := d.Config.DeploymentKeyFile()
	key, err := keys.LoadDeploymentKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = keys.CreateDeploymentKey(path)
	}
	if err != nil {
		return err
	}
	sealer, err := keys.NewSealer(key, keys.PurposeKeys)
	if err != nil {
		return err
	}
	if d.factorSealer, err = keys.NewSealer(key, signin.PurposeSealer); err != nil {
		return err
	}
	d.Ring, err = keys.Open(ctx, keys.Config{
		Store: storekeys.New(d.DB), Sealer: sealer, Specs: append(authority.Uses(d.Profiles()), audit.Specs()...), Now: d.Now, Later: true,
	})
	if err != nil {
		return err
	}
	d.completeKeys(ctx)
	return d.DB.SealAudit(ctx, audit.NewSealer(d.Ring))
}

// completeKeys makes the keys that take long beside everything else: RSA, at the
// first start. Issuing with them waits; Close does too.
func (d *Data) completeKeys(ctx context.Context) {
	ctx, d.stop = context.WithCancel(context.WithoutCancel(ctx))
	d.keysUntil = ctx
	d.keys.Go(func() {
		if err := d.Ring.Complete(ctx); err != nil {
			d.Log.ErrorContext(ctx, "keys are missing and could not be made", "error", err)
		}
	})
}

func (d *Data) openCore(ctx context.Context, o Options) error {
	head, entries, err := d.DB.FeedAfter(ctx, 0)
	if err != nil {
		return err
	}
	d.Feed = authority.NewFeed(head)
	d.Feed.Apply(entries)
	d.Store = storeauthority.New(d.DB, d.Feed.Apply)
	o.Passwords.PerCore = d.Config.Limits.PasswordHashes
	d.Passwords = authority.NewPasswords(o.Passwords)
	d.Authority, err = authority.New(authority.Config{
		Profiles: d.Profiles(), Ring: d.Ring, Feed: d.Feed,
		Ports: authority.Ports{
			Credentials: d.Store, Grants: d.Store, Revocations: d.Store, Callers: d.Store, Auditor: d.Store,
			Doors: d.Store, Accounts: d.Store, Usage: d.Store, Codes: d.Store,
		},
		Attempts: attempts(d.Config.Limits.Refused, d.Now), Passwords: d.Passwords, Epochs: d.epochs(),
		Issuer: d.issuer, Now: d.Now, Logger: d.Log, MaxLive: d.Config.Limits.LiveGrants,
		Entries: d.Config.Limits.AuditEntries, Count: d.count,
	})
	if err != nil {
		return err
	}
	if d.blobs, err = blob.OpenFolder(d.Config.RecordingsFolder()); err != nil {
		return err
	}
	d.Admin = d.newAdmin()
	products := storecatalog.New(d.DB)
	d.Catalog, d.Uploads = catalog.New(products, products, d.Now), catalog.NewUploads(products, d.Now)
	if err := errors.Join(d.completeRoles(ctx), d.completeSearch(ctx)); err != nil {
		return err
	}
	return d.openCalls()
}

// completeRoles gives the program's roles what is new since they were made.
func (d *Data) completeRoles(ctx context.Context) error {
	n, err := d.Admin.CompleteRoles(ctx)
	if n > 0 {
		d.Log.InfoContext(ctx, "the program's roles hold what is new in this version", "roles", n)
	}
	return err
}

// completeSearch makes users findable who were made before searching was.
func (d *Data) completeSearch(ctx context.Context) error {
	n, err := d.Admin.CompleteSearch(ctx)
	if n > 0 {
		d.Log.InfoContext(ctx, "users can be searched for in this version", "principals", n)
	}
	return err
}

// openCalls makes what the telephony dialects, imports and the demo share.
func (d *Data) openCalls() error {
	d.records = storecalls.New(d.DB)
	d.Calls = calls.New(d.records, d.blobs, d.Now)
	if converter, err := d.Config.lame(); err != nil {
		return err
	} else if converter != nil {
		d.Calls = d.Calls.WithMP3(d.records, converter)
	}
	extensions := storedirectory.New(d.DB)
	d.Directory = directory.New(extensions, extensions, d.Now)
	if d.Config.Dialects[ringme.Name].HTTPEvents {
		d.Directory = d.Directory.WithPlainHTTP()
	}
	return d.openRetention()
}

// openRetention makes what takes old rows away.
func (d *Data) openRetention() (err error) {
	rows := storeadmin.New(d.DB, d.Feed.Apply)
	d.retention = &retention.Purger{
		Accounts: rows, Files: d.blobs, Now: d.Now, Sources: map[retention.Kind]retention.Source{
			retention.Calls: storecalls.Aged{Store: d.records}, retention.Recordings: storecalls.AgedRecordings{Store: d.records},
			retention.Results: storecalls.AgedResults{Store: d.records}, retention.Audit: storeadmin.AgedAudit{Store: rows},
		},
	}
	if folder := d.Config.Archive.Folder; folder != "" {
		d.retention.Archive, err = retention.OpenArchive(folder, d.Now)
	}
	return err
}

// newAdmin makes what the operator's commands and the management API share.
func (d *Data) newAdmin() *admin.Service {
	s := storeadmin.New(d.DB, d.Feed.Apply).WithFiles(d.blobs)
	return admin.New(admin.Config{
		Ports: admin.Ports{
			Accounts: s, Principals: s, Owners: s, Roles: s, Areas: s, Credentials: s, Grants: s, Audit: s,
			Consents: s, Doors: s, People: s, Hosts: s, Integrations: s, Imports: s, Usage: s, Figures: s, Names: s, Keys: signing{d},
			Revocations: d.Store,
		},
		Digests: authority.NewDigests(d.Ring), Passwords: d.Passwords, Secrets: d.Authority, Dialects: d.choices(),
		Permissions: slices.Concat(tasks.Permissions(), calls.Permissions(), catalog.Permissions(), directory.Permissions()), Now: d.Now,
	})
}

func (d *Data) epochs() map[authority.Stand]uint64 {
	epochs := make(map[authority.Stand]uint64, len(d.Stands))
	for stand, row := range d.Stands {
		epochs[stand] = row.Epoch
	}
	return epochs
}

// lost is closed when the lock that can be lost is: the last one taken, on
// PostgreSQL that of the database.
func (d *Data) lost() <-chan struct{} { return d.locks[len(d.locks)-1].Lost() }

// Close lets go of everything, the locks and what is left of the log last.
func (d *Data) Close() error {
	var errs []error
	if d.stop != nil {
		d.keys.Wait() // what has begun is stored, so that the next start has it
		d.stop()
	}
	if d.DB != nil {
		errs = append(errs, d.DB.Close())
	}
	for _, lock := range d.locks {
		errs = append(errs, lock.Close())
	}
	if d.lines != nil {
		errs = append(errs, d.lines.Close())
	}
	return errors.Join(errs...)
}
