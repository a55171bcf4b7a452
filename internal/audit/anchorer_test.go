package audit_test

import (
	"context"
	"encoding/hex"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"propusk/internal/audit"
	"propusk/internal/authority"
)

var seal = []byte(strings.Repeat("\x07", 18))

func anchored() audit.Anchor {
	return audit.Anchor{Deployment: "d1", Position: 42, Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seal: seal}
}

// A daemon gets a line in the form that it reads, and the anchor is read out of
// it again.
func TestSyslog(t *testing.T) {
	folder, err := os.MkdirTemp("", "log") // short: the path of a socket has a bound
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	for network, c := range map[string]struct{ listen, form string }{
		"udp":      {"127.0.0.1:0", `^<109>1 2026-01-02T03:04:05\S* \S+ propusk \d+ audit - propusk-audit-anchor v1 `},
		"unixgram": {filepath.Join(folder, "log"), `^<109>\w{3} [ \d]\d \d\d:\d\d:\d\d propusk\[\d+\]: propusk-audit-anchor v1 `},
	} {
		t.Run(network, func(t *testing.T) {
			daemon, err := (&net.ListenConfig{}).ListenPacket(t.Context(), network, c.listen)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = daemon.Close() }()
			address := "udp://" + daemon.LocalAddr().String()
			if network == "unixgram" {
				address = "unix://" + c.listen
			}
			place, err := audit.ParseSyslog(address)
			if err != nil {
				t.Fatal(err)
			}
			if err := place.Put(t.Context(), anchored()); err != nil {
				t.Fatal(err)
			}
			line := make([]byte, 2000)
			n, _, err := daemon.ReadFrom(line)
			if err != nil || !regexp.MustCompile(c.form).Match(line[:n]) {
				t.Errorf("%q, %v", line[:n], err)
			}
			got, ok := audit.ParseAnchor(string(line[:n]))
			if want := anchored(); !ok || got.Deployment != want.Deployment || got.Position != want.Position || !got.Time.Equal(want.Time) ||
				hex.EncodeToString(got.Seal) != hex.EncodeToString(want.Seal) {
				t.Errorf("read again: %+v %v", got, ok)
			}
		})
	}
	if err := (audit.Syslog{Network: "unixgram", Address: filepath.Join(folder, "none")}).Put(t.Context(), anchored()); err == nil {
		t.Error("a daemon that is not there has got it")
	}
	for _, bad := range []string{"", "/dev/log", "unix://host/dev/log", "udp://", "udp://host", "tcp://host:514", "udp://host:514/x", "%"} {
		if place, err := audit.ParseSyslog(bad); err == nil {
			t.Errorf("%q is %+v", bad, place)
		}
	}
}

func TestAnchorFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "anchors")
	for range 2 {
		if err := audit.File(path).Put(t.Context(), anchored()); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	list, rerr := audit.ReadAnchors(f)
	if err != nil || rerr != nil || len(list) != 2 || info.Mode().Perm() != 0o600 {
		t.Errorf("%d anchors, %v, %v, %v", len(list), info.Mode(), err, rerr)
	}
}

// shelf is a place that keeps positions, or fails.
type shelf struct {
	got []authority.ID

	mu   sync.Mutex
	fail error
}

// fails makes every Put from now on give err.
func (s *shelf) fails(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *shelf) Put(_ context.Context, a audit.Anchor) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail == nil {
		s.got = append(s.got, a.Position)
	}
	return s.fail
}

// An anchor is put after so many entries, or after a time if there are any, and
// when everything ends; a place that failed gets the next one.
func TestAnchorerRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var head atomic.Pointer[audit.Head]
		head.Store(&audit.Head{})
		place, problems := &shelf{}, 0
		a := &audit.Anchorer{
			Head: func(context.Context) (audit.Head, error) { return *head.Load(), nil }, Places: []audit.Place{place},
			Deployment: "d1", Entries: 10, Every: time.Hour, Now: time.Now,
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); a.Run(ctx, func(error) { problems++ }) }()
		after := func(d time.Duration, position authority.ID, want ...authority.ID) {
			t.Helper()
			head.Store(&audit.Head{Position: position, Seal: seal})
			time.Sleep(d) // in synctest's bubble, whose clock jumps: nobody waits
			synctest.Wait()
			if len(place.got) != len(want) || len(want) > 0 && place.got[len(place.got)-1] != want[len(want)-1] {
				t.Fatalf("at position %d: %v, want %v", position, place.got, want)
			}
		}
		synctest.Wait()
		after(time.Minute, 0)               // nothing was written yet
		after(6*time.Second, 3, 3)          // the first at once: nobody knows of a former one
		after(30*time.Minute, 12, 3)        // 9 more
		after(6*time.Second, 13, 3, 13)     // 10 more
		after(59*time.Minute, 14, 3, 13)    // one, but not long ago
		after(2*time.Minute, 14, 3, 13, 14) // an hour
		after(3*time.Hour, 14, 3, 13, 14)   // nothing new
		place.fails(errors.New("no route to the host"))
		after(6*time.Second, 40, 3, 13, 14)
		if problems == 0 {
			t.Error("nobody hears of the failure")
		}
		place.fails(nil)
		after(6*time.Second, 40, 3, 13, 14, 40)
		after(6*time.Second, 41, 3, 13, 14, 40)
		stop()
		<-done
		if last := place.got[len(place.got)-1]; last != 41 {
			t.Errorf("the last is %d", last)
		}
	})
}

// A place that fails costs the others nothing: they get no line for its attempts.
func TestAnchorerPlacesAreApart(t *testing.T) {
	now := time.Unix(1e9, 0)
	sound, broken := &shelf{}, &shelf{fail: errors.New("no route to the host")}
	a := &audit.Anchorer{
		Head:   func(context.Context) (audit.Head, error) { return audit.Head{Position: 7, Seal: seal}, nil },
		Places: []audit.Place{broken, sound}, Entries: 10, Every: time.Hour, Now: func() time.Time { return now },
	}
	for range 5 {
		if err := a.Step(t.Context(), false); !errors.Is(err, broken.fail) {
			t.Fatal(err)
		}
		now = now.Add(5 * time.Second)
	}
	broken.fails(nil)
	if err := a.Step(t.Context(), false); err != nil || len(broken.got) != 1 || len(sound.got) != 1 {
		t.Errorf("%v: %v and %v", err, broken.got, sound.got)
	}
}
