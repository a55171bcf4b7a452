//go:build linux && torture

package torture_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"propusk/internal/store"
)

// TestTortureKills is B77: 100 rounds of kill -9 under load on SQLite, 20 on
// PostgreSQL.
func TestTortureKills(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killSQLite(t, 100) })
	t.Run("postgres", func(t *testing.T) { killPostgres(t, 20) })
}

// TestTortureReplay asks for answers again, byte for byte, after 100 kills on
// SQLite and 30 on PostgreSQL.
func TestTortureReplay(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { replaySQLite(t, 100) })
	t.Run("postgres", func(t *testing.T) { replayPostgres(t, 30) })
}

// TestTortureSweep is B78 and B80: every operation of the sweep is ended at each
// system call that it makes, and each call fails.
func TestTortureSweep(t *testing.T) {
	for _, a := range acts() {
		t.Run(a.name, func(t *testing.T) {
			s := newSweep(t)
			s.kills(a, math.MaxInt)
			for _, when := range []string{"1", "2", "3", "5", "8", "13", "1+", "2+", "5+"} {
				for _, inject := range []string{"fsync,fdatasync:error=EIO", "pwrite64:error=ENOSPC", "pwrite64:error=EIO"} {
					if !t.Failed() {
						s.errors(a, inject+":when="+when)
					}
				}
			}
			s.report(t.Name())
		})
	}
}

// TestTortureCheckpoint ends the server while it writes pages of the log into
// the database, which none of the small operations does.
func TestTortureCheckpoint(t *testing.T) {
	s := newSweep(t)
	for _, at := range []string{
		"pwrite64:signal=KILL:when=1", "pwrite64:signal=KILL:when=2", "pwrite64:signal=KILL:when=7",
		"pwrite64:signal=KILL:when=40", "pwrite64:signal=KILL:when=90", "fsync,fdatasync:signal=KILL:when=1",
		"pwrite64:error=EIO:when=3", "fsync,fdatasync:error=EIO:when=1",
	} {
		s.checkpoint(at, time.Minute)
		if t.Failed() {
			t.Log(fmt.Sprint("at ", at))
			break
		}
	}
	s.report(t.Name())
}

// TestTorturePowerCut is B79: 25 cuts on each engine.
func TestTorturePowerCut(t *testing.T) {
	for _, engine := range []string{store.SQLite, store.Postgres} {
		t.Run(engine, func(t *testing.T) { powerCuts(t, engine, 25) })
	}
}

// TestTortureTornLog cuts lengths around a frame of the log, which is 24 bytes
// and a page.
func TestTortureTornLog(t *testing.T) {
	cuts := []int64{1, 513, 4095}
	for n := int64(512); n <= 4096; n += 256 {
		cuts = append(cuts, n)
	}
	tornLogs(t, cuts)
}

func TestTortureFullDisk(t *testing.T) { fullDisks(t, 10) }

// TestTortureInit ends the first command of all at each of its system calls.
func TestTortureInit(t *testing.T) {
	initKilled(t, func(call string, n int) bool { return call != "pwrite64" || n <= 60 })
}
