package server

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"propusk/internal/authority"
	"propusk/internal/keys"
	"propusk/internal/server/operation"
	"propusk/internal/store"
	storekeys "propusk/internal/store/keys"
)

// Finding is one thing that Examine looked at. Do says what to do; "" = it is
// well.
type Finding struct {
	What string `json:"what"`
	Is   string `json:"is"`
	Do   string `json:"do,omitempty"`
}

// Examine looks at everything that a server needs, changes nothing, and says of
// each thing how it is and what to do about it. A server may be running.
func Examine(ctx context.Context, c Config) []Finding {
	x := &examination{config: c}
	if client, err := operation.Dial(ctx, c.Data); err == nil {
		x.live = client
	}
	for _, warning := range c.Warnings() {
		x.fix("configuration", "has a risk", warning)
	}
	x.folder()
	sealer := x.deploymentKey()
	x.database(ctx, sealer)
	x.server(ctx)
	x.certificate()
	for _, l := range [][2]string{
		{"listen.production", c.Listen.Production}, {"listen.test", c.Listen.Test}, {"listen.console", c.Listen.Console}, {"listen.metrics", c.Listen.Metrics},
	} {
		x.port(ctx, l[0], l[1])
	}
	return x.findings
}

type examination struct {
	config   Config
	live     *operation.Client // nil = no server runs
	findings []Finding
}

func (x *examination) ok(what, is string, args ...any) {
	x.findings = append(x.findings, Finding{What: what, Is: fmt.Sprintf(is, args...)})
}

func (x *examination) fix(what, is, do string) {
	x.findings = append(x.findings, Finding{what, is, do})
}

func (x *examination) folder() {
	path := x.config.Data
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x.fix("data folder", path+" is missing", "run: propusk init --data "+path)
	case err != nil:
		x.fix("data folder", err.Error(), "let this user read it")
	case !info.IsDir():
		x.fix("data folder", path+" is no folder", "name another with the key data")
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		x.fix("data folder", fmt.Sprintf("%s has mode %#o: others can look into it", path, info.Mode().Perm()), "run: chmod 700 "+path)
	default:
		x.writable(path)
	}
}

func (x *examination) writable(path string) {
	f, err := os.CreateTemp(path, ".doctor-")
	if err != nil {
		x.fix("data folder", "cannot be written: "+err.Error(), "run this as the user that serves, and see that the disk has room")
		return
	}
	_ = f.Close()
	_ = os.Remove(f.Name())
	if _, err := os.Stat(filepath.Join(path, DemoFixture)); err == nil {
		x.fix("data folder", path+" is a demo folder: its secrets lie in a file", "choose another for real work")
		return
	}
	x.ok("data folder", "%s is private and can be written", path)
}

func (x *examination) deploymentKey() *keys.Sealer {
	path := x.config.DeploymentKeyFile()
	key, err := keys.LoadDeploymentKey(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x.fix("deployment key", path+" is missing", "restore it from its backup; for a new deployment run: propusk init")
		return nil
	case err != nil:
		x.fix("deployment key", err.Error(), "mend the file as said, or restore it from its backup")
		return nil
	}
	sealer, err := keys.NewSealer(key, keys.PurposeKeys)
	if err != nil {
		x.fix("deployment key", err.Error(), "restore it from its backup")
		return nil
	}
	x.ok("deployment key", "%s is private and readable; keep a copy apart from the database", path)
	return sealer
}

// database looks at the schema, and whether the keys open under the deployment
// key. What a running server holds is asked of it.
func (x *examination) database(ctx context.Context, sealer *keys.Sealer) {
	c := x.config
	if c.Database.Driver == store.SQLite {
		if _, err := os.Stat(c.Data); err != nil {
			return // said already
		}
		if empty, err := filepath.Glob(filepath.Join(c.Data, "*.db")); err == nil && len(empty) == 0 {
			x.fix("database", "there is none yet", "run: propusk init --data "+c.Data)
			return
		}
	}
	have, need, err := schema(ctx, c)
	switch {
	case err != nil:
		x.fix("database", err.Error(), "see that it runs, that its address is right and that it is whole; else restore the backup")
		return
	case have > need:
		x.fix("database", fmt.Sprintf("schema %d is newer than this program's %d", have, need), "run the newer program")
		return
	case have < need:
		x.fix("database", fmt.Sprintf("schema %d, this program needs %d", have, need), "run: propusk migrate (serve does it too)")
		return
	}
	x.ok("database", "%s answers, is whole and has schema %d", c.Database.Driver, have)
	if sealer != nil {
		x.keys(ctx, sealer)
	}
}

func (x *examination) keys(ctx context.Context, sealer *keys.Sealer) {
	ring, err := x.ring(ctx, sealer)
	if err != nil {
		x.fix("keys", err.Error(), "put back the deployment key that belongs to this database")
		return
	}
	x.ok("keys", "%d, all open under the deployment key", len(ring.Records()))
}

// ring opens the keys that are there and makes none.
func (x *examination) ring(ctx context.Context, sealer *keys.Sealer) (*keys.Ring, error) {
	dsn, err := x.config.DatabaseDSN()
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, store.Config{
		Driver: x.config.Database.Driver, Folder: x.config.Data, DSN: dsn.Reveal(), Logger: silent(), Readers: 1,
	})
	if err != nil {
		return nil, err
	}
	ring, err := keys.Open(ctx, keys.Config{Store: storekeys.New(db), Sealer: sealer})
	return ring, errors.Join(err, db.Close())
}

// server asks a running server, and looks whether the clock went back behind
// what it has written.
func (x *examination) server(ctx context.Context) {
	now := time.Now()
	if now.Year() < 2025 {
		x.fix("clock", "says "+now.Format(time.RFC3339), "set it, by NTP if you can: tokens expire by it")
		return
	}
	if x.live == nil {
		x.ok("server", "none is running on this folder")
		x.ok("clock", "says %s", now.Format(time.RFC3339))
		return
	}
	newest, err := x.newest(ctx)
	if err != nil {
		x.fix("server", "is running and does not answer: "+err.Error(), "read its log")
		return
	}
	x.ok("server", "is running and answers")
	if newest.After(now.Add(time.Minute)) {
		x.fix("clock", "is behind what was written at "+newest.Format(time.RFC3339), "set it, by NTP if you can: tokens expire by it")
		return
	}
	x.ok("clock", "says %s", now.Format(time.RFC3339))
}

// newest is when the last audit entry was written.
func (x *examination) newest(ctx context.Context) (newest time.Time, err error) {
	for _, stand := range authority.Stands() {
		raw, err := x.live.Run(ctx, operation.Call{Operation: "audit.list", Stand: stand, Input: json.RawMessage(`{"limit":"1"}`)})
		if err != nil {
			return newest, err
		}
		var entries []struct{ Time time.Time }
		if err := json.Unmarshal(raw, &entries); err != nil {
			return newest, err
		}
		if len(entries) > 0 && entries[0].Time.After(newest) {
			newest = entries[0].Time
		}
	}
	return newest, nil
}

// renewBefore is how early an ending certificate is worth a word.
const renewBefore = 14 * 24 * time.Hour

func (x *examination) certificate() {
	c := x.config.TLS
	if c.Certificate == "" {
		return
	}
	pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
	switch {
	case err != nil:
		x.fix("certificate", err.Error(), "see that tls.certificate and tls.key name a pair that fits")
	case time.Until(pair.Leaf.NotAfter) < renewBefore:
		x.fix("certificate", "ends "+pair.Leaf.NotAfter.Format(time.DateOnly), "renew it; serve reads it again by itself")
	default:
		x.ok("certificate", "fits its key and ends %s", pair.Leaf.NotAfter.Format(time.DateOnly))
	}
}

func (x *examination) port(ctx context.Context, key, address string) {
	if address == off {
		x.ok(key, "is off")
		return
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case err == nil && x.live != nil:
		x.fix(key, address+" is free although a server is running", "see whether it runs with this configuration")
	case err == nil:
		x.ok(key, "%s is free", address)
	case x.live != nil:
		x.ok(key, "%s is taken, as it should be while the server runs", address)
	default:
		x.fix(key, err.Error(), "stop what listens there, or choose another address")
	}
	if err == nil {
		_ = l.Close()
	}
}
