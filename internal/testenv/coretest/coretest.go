// Package coretest opens what tests of the core and of a dialect stand on: keys,
// the feed and a listener, over a real database and with the test's own clock.
// Whoever needs the whole server takes testenv.
package coretest

import (
	"context"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/keys"
	"propusk/internal/store"
	storekeys "propusk/internal/store/keys"
	"propusk/internal/web"
)

// Ring opens the keys of db, sealed by a deployment key of its own.
func Ring(tb testing.TB, db *store.DB, specs []keys.Spec, now func() time.Time) *keys.Ring {
	tb.Helper()
	return RingOf(tb, Deployment(tb), keys.Config{Store: storekeys.New(db), Specs: specs, Now: now})
}

// Deployment makes a deployment key.
func Deployment(tb testing.TB) keys.DeploymentKey {
	tb.Helper()
	key, err := keys.CreateDeploymentKey(tb.TempDir() + "/deployment.key")
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// RingOf opens the keys of c, sealed by a deployment key.
func RingOf(tb testing.TB, key keys.DeploymentKey, c keys.Config) *keys.Ring {
	tb.Helper()
	sealer, err := keys.NewSealer(key, keys.PurposeKeys)
	if err != nil {
		tb.Fatal(err)
	}
	c.Sealer = sealer
	ring, err := keys.Open(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	return ring
}

// Feed gives what db has revoked and changed so far.
func Feed(tb testing.TB, db *store.DB) *authority.Feed {
	tb.Helper()
	head, entries, err := db.FeedAfter(tb.Context(), 0)
	if err != nil {
		tb.Fatal(err)
	}
	feed := authority.NewFeed(head)
	feed.Apply(entries)
	return feed
}

// Stands makes the rows of the stands and gives them, with their epochs.
func Stands(tb testing.TB, db *store.DB) (map[authority.Stand]store.StandRow, map[authority.Stand]uint64) {
	tb.Helper()
	stands, err := db.Stands(tb.Context(), func() string { return "issuer" })
	if err != nil {
		tb.Fatal(err)
	}
	epochs := make(map[authority.Stand]uint64, len(stands))
	for stand, row := range stands {
		epochs[stand] = row.Epoch
	}
	return stands, epochs
}

// Passwords hashes at next to no cost.
func Passwords() *authority.Passwords {
	return authority.NewPasswords(authority.PasswordCost{MemoryKiB: 64, Passes: 1})
}

// Listen serves on a port of its own until the test ends, and gives its address.
func Listen(tb testing.TB, c web.ServerConfig) string {
	tb.Helper()
	server, err := web.Listen(tb.Context(), "127.0.0.1:0", c)
	if err != nil {
		tb.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve() }()
	tb.Cleanup(func() {
		if err := server.Shutdown(context.Background()); err != nil {
			tb.Error(err)
		}
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
	return "http://" + server.Addr().String()
}
