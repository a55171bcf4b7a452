//go:build linux

package torture_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// act is an operation of the sweep.
type act struct {
	name string
	do   func(*driver)
}

// acts prepares nothing: each finds or makes what it needs before the tracer
// comes, see ready.
func acts() []act {
	on := func(do func(*driver, *family)) func(*driver) {
		return func(d *driver) { do(d, d.holders[0].families[len(d.holders[0].families)-1]) }
	}
	return []act{
		{"issue", func(d *driver) { d.issue(d.holders[0]) }},
		{"revoke", on((*driver).revokeRefresh)},
		{"refresh", on((*driver).renew)},
		{"revoke grant", on((*driver).revokeGrant)},
		{"create task", on((*driver).create)},
		{"rotate", func(d *driver) { d.rotate(d.holders[0]) }},
		{"revoke principal", func(d *driver) { d.clear(d.holders[0]) }},
	}
}

// sweep is a deployment on which one driver acts under strace.
type sweep struct {
	*world

	one    *driver
	struck int
	points map[string][]int // per act and call, where it was struck
}

func newSweep(t *testing.T) *sweep {
	t.Helper()
	root := workFolder(t)
	d := deploy(t, root, filepath.Join(root, "data"), "")
	// strace counts per thread: with one processor nearly all of an act runs
	// on one.
	d.env = []string{"GOMAXPROCS=1"}
	w := populate(d)
	return &sweep{world: w, one: w.drivers[0], points: map[string][]int{}}
}

// ready gives the act a fresh family to work on.
func (s *sweep) ready() {
	s.d.tb.Helper()
	if s.one.issue(s.one.holders[0]) == nil {
		s.d.tb.Fatal("no token to begin with")
	}
}

// count says which calls an act makes.
func (s *sweep) count(a act) map[string]int {
	s.d.tb.Helper()
	s.ready()
	tracer := attach(s.d)
	a.do(s.one)
	tracer.detach()
	return tracer.counts()
}

// kill ends the server at the n-th call of an act, and checks. It reports
// whether the call was made at all.
func (s *sweep) kill(a act, call string, n int) bool {
	s.d.tb.Helper()
	s.ready()
	tracer := attach(s.d, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n))
	a.do(s.one)
	struck := false
	select {
	case <-s.d.server.ended:
		struck = true
	case <-time.After(50 * time.Millisecond):
	}
	if struck {
		<-tracer.ended
		s.struck++
		s.rounds++
		key := a.name + " " + call
		s.points[key] = append(s.points[key], tracer.counts()[call])
	} else {
		tracer.detach()
		s.d.server.kill()
	}
	s.start()
	s.verifyOne()
	return struck
}

func (s *sweep) verifyOne() {
	s.one.settle()
	s.one.check(false)
}

// kills sweeps the calls of an act, up to most each.
func (s *sweep) kills(a act, most int) {
	s.d.tb.Helper()
	counted := s.count(a)
	s.d.tb.Logf("%s: %v", a.name, counted)
	if counted["fsync"]+counted["fdatasync"] == 0 || counted["pwrite64"] == 0 {
		s.d.tb.Errorf("%s is acknowledged without being synced: %v", a.name, counted)
	}
	for _, call := range slices.Sorted(maps.Keys(counted)) {
		s.killsAt(a, call, counted[call], most)
	}
}

// again is how often a call that was missed is tried once more.
const again = 3

// killsAt kills at each of so many calls, up to most. An act that changes
// threads on its way is struck later than meant: what was missed is tried again.
func (s *sweep) killsAt(a act, call string, counted, most int) {
	s.d.tb.Helper()
	key := a.name + " " + call
	for n := 1; n <= min(most, 2*counted) && !s.d.tb.Failed(); n++ {
		if !s.kill(a, call, n) {
			break
		}
	}
	for n := 1; n <= min(most, counted) && !s.d.tb.Failed(); n++ {
		for try := 0; try < again && !slices.Contains(s.points[key], n); try++ {
			s.kill(a, call, n)
		}
	}
	s.d.tb.Logf("%s: killed at %s number %v of %d", a.name, call, slices.Compact(slices.Sorted(slices.Values(s.points[key]))), counted)
}

// errors makes calls fail from the n-th on while an act runs, and says what must
// be: no acknowledgement, and work goes on afterwards without a restart.
func (s *sweep) errors(a act, inject string) {
	s.d.tb.Helper()
	s.ready()
	before := s.d.server.log.size()
	tracer := attach(s.d, "-e", "inject="+inject)
	doubts := s.ledger.doubts.Load()
	a.do(s.one)
	failed := s.logged(before, "storage failed", s.ledger.doubts.Load() > doubts)
	if failed > 0 && s.ledger.doubts.Load() == doubts {
		s.one.wrong("%s under %s was acknowledged although storage failed", a.name, inject)
	}
	for range 3 {
		s.careful(before, inject)
	}
	tracer.detach()
	if failed == 0 {
		s.d.tb.Logf("%s under %s: nothing failed", a.name, inject)
	} else {
		s.recovered(before)
	}
	s.rounds++
	s.verifyOne()
	s.d.server.kill()
	s.start()
	s.verifyOne()
}

// logged counts a line that the server has written since. Lines reach the file a
// tenth of a second after the fact: one that must come is waited for.
func (s *sweep) logged(before int, line string, must bool) int {
	giveUp := time.Now().Add(5 * time.Second)
	pause(context.Background(), 250*time.Millisecond)
	for must && s.d.server.log.after(before, line) == 0 && time.Now().Before(giveUp) {
		pause(context.Background(), 50*time.Millisecond)
	}
	return s.d.server.log.after(before, line)
}

// careful asks for one more commit: while the disk is broken there is none, and
// afterwards it comes from a new handle.
func (s *sweep) careful(before int, inject string) {
	failed := s.logged(before, "storage failed", false)
	r := s.one.do(s.one.holders[1].login())
	switch {
	case r.status == http.StatusServiceUnavailable || (failed == 0 && r.status == http.StatusOK):
	case r.status != http.StatusOK || strings.HasSuffix(inject, "=1+"):
		s.one.wrong("under %s the next issue gets %d %s", inject, r.status, r.trouble())
	case s.logged(before, "storage reopened", true) < failed:
		s.one.wrong("under %s: acknowledged on a handle that has failed", inject)
	}
}

// recovered waits until the server works again by itself, on a new handle.
func (s *sweep) recovered(before int) {
	s.d.tb.Helper()
	giveUp := time.Now().Add(20 * time.Second)
	for s.one.do(s.one.holders[1].login()).status != http.StatusOK {
		if time.Now().After(giveUp) {
			s.d.tb.Fatalf("the server does not recover:\n%s", s.d.server.log)
		}
		pause(context.Background(), 20*time.Millisecond)
	}
	if s.logged(before, "storage reopened", true) == 0 {
		s.one.wrong("acknowledged on a handle that has failed")
	}
	// What was reported as failed and is on disk all the same becomes known
	// within a second (the feed is followed).
	pause(context.Background(), 1500*time.Millisecond)
}

// The short form of B78 and B80, the whole is TestTortureSweep.
func TestSweep(t *testing.T) {
	t.Parallel()
	s := newSweep(t)
	for _, a := range acts()[:2] {
		s.kills(a, 3)
		for _, inject := range []string{"fsync,fdatasync:error=EIO:when=1+", "pwrite64:error=ENOSPC:when=1+"} {
			s.errors(a, inject)
		}
	}
	s.report(t.Name())
}
