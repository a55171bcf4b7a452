package web_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"propusk/internal/testenv/fake"
	"propusk/internal/web"
)

// No line is lost or split, whoever writes and whenever it is closed.
func TestLineWriter(t *testing.T) {
	var sink fake.Log
	l := web.NewLineWriter(&sink)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				fmt.Fprintf(l, "%d %d %s\n", w, i, strings.Repeat("x", 100))
			}
		})
	}
	wg.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(l, "late")
	next := map[string]int{}
	all := strings.Split(strings.TrimSpace(sink.String()), "\n")
	for _, line := range all[:len(all)-1] {
		var w, i int
		var x string
		if _, err := fmt.Sscan(line, &w, &i, &x); err != nil || next[fmt.Sprint(w)] != i || len(x) != 100 {
			t.Fatalf("line %q out of order", line)
		}
		next[fmt.Sprint(w)]++
	}
	if len(all) != 16001 || all[16000] != "late" {
		t.Errorf("%d lines, last %q", len(all), all[len(all)-1])
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestLineWriterWritesSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sink bytes.Buffer
		l := web.NewLineWriter(&sink)
		fmt.Fprintln(l, "a")
		time.Sleep(150 * time.Millisecond)
		synctest.Wait()
		if sink.String() != "a\n" {
			t.Errorf("after 150 ms: %q", sink.String())
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

// stuck is a sink that fails, or blocks until it is released.
type stuck struct{ release chan struct{} }

func (s stuck) Write([]byte) (int, error) {
	<-s.release
	return 0, errors.New("full")
}

func TestLineWriterWaitsForASlowSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stuck{make(chan struct{})}
		l := web.NewLineWriter(s)
		wrote := 0
		go func() {
			for range 64 {
				_, _ = l.Write(bytes.Repeat([]byte("x"), 64<<10))
				wrote++
			}
		}()
		synctest.Wait()
		if wrote > 40 {
			t.Errorf("%d × 64 KiB are held for a sink that takes nothing", wrote)
		}
		close(s.release)
		synctest.Wait()
		if err := l.Close(); err == nil && wrote < 64 {
			t.Errorf("%d written, error %v", wrote, err)
		}
	})
}

// Warnings do not wait, and take along what was written before them.
func TestLineWriterWritesWarningsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sink fake.Log
		l := web.NewLineWriter(&sink)
		log := slog.New(l.Urgent(slog.NewTextHandler(l, nil))).With("a", 1).WithGroup("g")
		log.Info("first")
		if got := sink.String(); got != "" {
			t.Errorf("information did not wait: %q", got)
		}
		log.Warn("second", "b", 2)
		if got := sink.String(); !strings.Contains(got, "first") || !strings.Contains(got, "second") || !strings.Contains(got, "g.b=2") {
			t.Errorf("a warning waits: %q", got)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}
