//go:build linux && torture

package torture_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// checkpoint works until the server writes to the database itself and meets the
// fault there: the log alone is written otherwise.
func (s *sweep) checkpoint(fault string, limit time.Duration) {
	s.d.tb.Helper()
	before := s.d.server.log.size()
	tracer := attach(s.d, "-P", filepath.Join(s.d.data, "propusk.db"), "-e", "inject="+fault)
	ctx, stop := context.WithTimeout(context.Background(), limit)
	defer stop()
	go func() { // the drivers stop when the fault has struck
		defer stop()
		select {
		case <-s.d.server.ended:
		case <-ctx.Done():
		case <-s.struckBy(ctx, tracer):
		}
	}()
	s.each(func(d *driver) { d.work(ctx) })
	s.rounds++
	if tracer.counts()["pwrite64"] == 0 {
		s.d.tb.Errorf("no checkpoint came within %v", limit)
	}
	if strings.Contains(fault, "signal=KILL") {
		<-s.d.server.ended
		<-tracer.ended
	} else {
		tracer.detach()
		s.recover()
		s.d.tb.Logf("%s: storage failed %d times", fault, s.d.server.log.after(before, "storage failed"))
		s.verify(false)
		s.d.server.kill()
	}
	s.d.sound()
	s.start()
	s.verify(false)
}

// struckBy is closed when the tracer has made a call fail.
func (s *sweep) struckBy(ctx context.Context, t *tracer) <-chan struct{} {
	struck := make(chan struct{})
	go func() {
		for ctx.Err() == nil && !t.injected() {
			pause(ctx, 20*time.Millisecond)
		}
		pause(ctx, 200*time.Millisecond)
		close(struck)
	}()
	return struck
}

// injected reports whether a call was made to fail.
func (t *tracer) injected() bool {
	data, err := os.ReadFile(t.file)
	return err == nil && strings.Contains(string(data), "(INJECTED)")
}
