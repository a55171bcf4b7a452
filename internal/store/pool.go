package store

import (
	"context"
	"sync"
	"time"
)

// pool lends reader sessions. It opens them when first needed.
type pool struct {
	open  func(context.Context) (*session, error)
	slots chan struct{} // one element per session lent
	done  chan struct{} // closed by close

	mu   sync.Mutex
	idle []*session // last given back, first lent
}

func newPool(size int, open func(context.Context) (*session, error)) *pool {
	return &pool{open: open, slots: make(chan struct{}, size), done: make(chan struct{})}
}

// stale is the idle time after which a connection is tried before it is lent:
// servers and networks drop idle ones silently.
const stale = time.Second

func (p *pool) acquire(ctx context.Context) (*session, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, cancelled(ctx)
	case <-p.done:
		return nil, errClosed()
	}
	select {
	case <-p.done:
		<-p.slots
		return nil, errClosed()
	default:
	}
	s, err := p.take(ctx)
	if err != nil {
		<-p.slots
		return nil, err
	}
	return s, nil
}

// take gives an idle session that still answers, or a new one.
func (p *pool) take(ctx context.Context) (*session, error) {
	for s := p.pop(); s != nil; s = p.pop() {
		if time.Since(s.used) < stale || s.conn.PingContext(ctx) == nil {
			return s, nil
		}
		s.drop()
	}
	s, err := p.open(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, cancelled(ctx)
		}
		return nil, unavailable("storage is not available", err)
	}
	return s, nil
}

func (p *pool) pop() *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return nil
	}
	s := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return s
}

// release takes a session back, or drops it when it is not fit to be lent
// again.
func (p *pool) release(s *session, fit bool) {
	defer func() { <-p.slots }()
	if !fit {
		s.drop()
		return
	}
	s.tidy()
	s.used = time.Now()
	p.mu.Lock()
	p.idle = append(p.idle, s)
	p.mu.Unlock()
}

// close waits for the sessions that are out and drops them all.
func (p *pool) close() {
	close(p.done)
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	for s := p.pop(); s != nil; s = p.pop() {
		s.drop()
	}
}
