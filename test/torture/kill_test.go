//go:build linux

package torture_test

import (
	"path/filepath"
	"testing"
	"time"
)

// The short form of B77, the whole is TestTortureKills.
func TestKills(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); killSQLite(t, 5) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); killPostgres(t, 2) })
}

// soundEvery is how often the database is checked from within.
const soundEvery = 5

// killSQLite ends the server with SIGKILL under load, again and again; in some
// rounds once more while it starts.
func killSQLite(t *testing.T, rounds int) {
	root := workFolder(t)
	d := deploy(t, root, filepath.Join(root, "data"), "")
	w := populate(d)
	for range rounds {
		w.load(w.between(20*time.Millisecond, 700*time.Millisecond), d.server.kill)
		if w.rounds%soundEvery == 0 {
			d.sound()
		}
		if w.rounds%4 == 0 {
			w.killEarly()
		}
		w.start()
		w.verify(w.rounds == rounds)
		if t.Failed() {
			break
		}
	}
	w.report(t.Name())
}

// killEarly ends a server that has hardly begun.
func (w *world) killEarly() {
	p, err := launch(w.d)
	if err != nil {
		w.d.tb.Fatal(err)
	}
	select {
	case <-time.After(w.between(0, 300*time.Millisecond)):
	case <-p.ended:
	}
	p.kill()
}
