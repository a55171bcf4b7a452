//go:build linux

package torture_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"propusk/internal/tasks"
)

// driver is one client of the server. It has holders of its own, so that it
// always knows what must be; only the database is shared.
type driver struct {
	*caller

	w       *world
	number  int
	rand    *rand.Rand
	count   int
	holders []*holder
	orders  []*order
	audited []string // acknowledged requests, and objects of revocations, whose entries were not seen yet
	gone    bool     // the server has ended
}

// wrong reports a broken promise.
func (d *driver) wrong(format string, args ...any) {
	d.w.losses.Add(1)
	d.w.d.tb.Errorf("seed %d, driver %d: %s", d.w.seed, d.number, fmt.Sprintf(format, args...))
}

// id makes the next request's id.
func (d *driver) id() string {
	d.count++
	return fmt.Sprintf("t%d-%d-%d", d.w.seed, d.number, d.count)
}

// ask sends q as a step of the ledger. known is false when the outcome is not.
func (d *driver) ask(what string, q request) (r reply, known bool) {
	q.id = d.id()
	e := event{Driver: d.number, ID: q.id, What: what}
	d.w.ledger.intent(e)
	r = d.do(q)
	d.w.ledger.outcome(e, r)
	if r.vague() {
		d.gone = d.gone || r.err != nil
		return r, false
	}
	return r, true
}

// askAdmin is ask, over the socket.
func (d *driver) askAdmin(what string, input map[string]any) (r reply, known bool) {
	e := event{Driver: d.number, ID: d.id(), What: fmt.Sprint(what, " ", input)}
	d.w.ledger.intent(e)
	r = d.operate(what, input)
	d.w.ledger.outcome(e, r)
	d.gone = d.gone || r.unsent
	return r, !r.vague()
}

// doubted gives why, unless the request never left.
func doubted(r reply, why doubt) doubt {
	if r.unsent {
		return none
	}
	return why
}

// noted remembers that the request just acknowledged must have left an entry.
func (d *driver) noted() {
	d.audited = append(d.audited, fmt.Sprintf("t%d-%d-%d", d.w.seed, d.number, d.count))
}

// work acts at random until ctx ends or the server does.
func (d *driver) work(ctx context.Context) {
	for ctx.Err() == nil && !d.gone {
		before := d.w.ledger.doubts.Load()
		d.step()
		if d.w.ledger.doubts.Load() > before { // storage is away: give it a moment
			pause(ctx, 20*time.Millisecond)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// step does one operation.
func (d *driver) step() {
	steps := []struct {
		weight int
		do     func()
	}{
		{20, func() { d.issue(d.holder()) }},
		{22, func() { d.onFamily((*driver).renew) }},
		{6, func() { d.onFamily((*driver).renewTwice) }},
		{12, func() { d.onFamily((*driver).look) }},
		{10, func() { d.onFamily((*driver).create) }},
		{4, func() { d.onFamily((*driver).createTwice) }},
		{4, func() { d.onFamily((*driver).revokeAccess) }},
		{4, func() { d.onFamily((*driver).revokeRefresh) }},
		{3, func() { d.onFamily((*driver).revokeGrant) }},
		{2, func() { d.onFamily((*driver).steal) }},
		{1, func() { d.onHolder((*driver).clear) }},
		{2, func() { d.onHolder((*driver).rotate) }},
		{1, func() { d.onHolder((*driver).disable) }},
	}
	all := 0
	for _, s := range steps {
		all += s.weight
	}
	n := d.rand.IntN(all)
	for _, s := range steps {
		if n -= s.weight; n < 0 {
			s.do()
			return
		}
	}
}

func (d *driver) holder() *holder { return d.holders[d.rand.IntN(len(d.holders))] }

// onHolder acts on a holder of whom nothing is in doubt.
func (d *driver) onHolder(do func(*driver, *holder)) {
	if h := d.holder(); h.sure() {
		do(d, h)
	}
}

// onFamily acts on a living family, and makes one where there is none.
func (d *driver) onFamily(do func(*driver, *family)) {
	h := d.holder()
	var free []*family
	for _, f := range h.families {
		if f.free() {
			free = append(free, f)
		}
	}
	if len(free) == 0 {
		d.issue(h)
		return
	}
	do(d, free[d.rand.IntN(len(free))])
}

// issue gets tokens with the holder's secret. Tokens of an answer that is lost
// are nobody's.
func (d *driver) issue(h *holder) *family {
	if !h.free() {
		return nil
	}
	r, known := d.ask("issue "+h.name, h.login())
	if !known {
		return nil
	}
	var p pair
	if r.status != http.StatusOK || r.into(&p) != nil || p.Access == "" {
		d.wrong("I1: %s gets no token with its secret: %d %s", h.name, r.status, r.body)
		return nil
	}
	d.noted()
	f := &family{holder: h}
	f.add(p)
	h.families = append(h.families, f)
	return f
}

// login is the request that exchanges the holder's secret.
func (h *holder) login() request { return h.loginWith(h.secret) }

func (h *holder) loginWith(secret string) request {
	if h.client == "" {
		return service(secret)
	}
	return client{h.client, secret}.form("/oauth/token", url.Values{"grant_type": {"client_credentials"}})
}

// renew refreshes.
func (d *driver) renew(f *family) {
	if len(f.refresh) == 0 {
		d.look(f)
		return
	}
	f.touched = true
	r, known := d.ask("refresh", refresh(f.current()))
	if !known {
		f.doubt = doubted(r, refreshing)
		return
	}
	d.noted()
	d.renewed(f, r)
}

func (d *driver) renewed(f *family, r reply) {
	var p pair
	if r.status != http.StatusOK || r.into(&p) != nil || p.Access == "" || p.Refresh == "" {
		d.wrong("I1: a refresh token is refused: %d %s", r.status, r.body)
		f.life = dead
		return
	}
	f.add(p)
}

// renewTwice refreshes with the same token from two sides at once: both must
// get the same pair (rule 8).
func (d *driver) renewTwice(f *family) {
	if len(f.refresh) == 0 {
		d.look(f)
		return
	}
	f.touched = true
	text := f.current()
	first, second := d.both("refresh at once", refresh(text), refresh(text))
	switch {
	case first.vague() && second.vague():
		f.doubt = refreshing
		if first.unsent && second.unsent {
			f.doubt = none
		}
	case first.vague():
		d.renewed(f, second)
	case second.vague():
		d.renewed(f, first)
	default:
		d.renewed(f, first)
		var a, b pair
		if first.into(&a) != nil || second.into(&b) != nil || a != b {
			d.wrong("I4: one refresh token gives two pairs: %s and %s", first.body, second.body)
		}
	}
}

// both asks twice at once.
func (d *driver) both(what string, q, p request) (first, second reply) {
	q.id, p.id = d.id(), d.id()
	one, two := event{Driver: d.number, ID: q.id, What: what}, event{Driver: d.number, ID: p.id, What: what}
	d.w.ledger.intent(one)
	d.w.ledger.intent(two)
	var wg sync.WaitGroup
	wg.Go(func() { first = d.do(q) })
	second = d.do(p)
	wg.Wait()
	d.w.ledger.outcome(one, first)
	d.w.ledger.outcome(two, second)
	d.gone = d.gone || first.err != nil || second.err != nil
	return first, second
}

// look uses the newest access token.
func (d *driver) look(f *family) {
	if f.newest().life == dead {
		return
	}
	f.used, f.touched = true, true
	if r, known := d.ask("use", use(f.newest().text)); known && r.status != http.StatusOK {
		d.wrong("I1: an access token is refused: %d %s", r.status, r.body)
	}
}

// create makes a task.
func (d *driver) create(f *family) { d.order(f, d.ask2) }

// createTwice sends the same creation from two sides at once.
func (d *driver) createTwice(f *family) {
	d.order(f, func(o *order, q request) (reply, bool) {
		first, second := d.both("create at once "+o.stamp, q, q)
		made := 0
		for _, r := range []reply{first, second} {
			if r.status == http.StatusCreated {
				made++
				first, second = r, first
			}
		}
		if made == 2 {
			d.wrong("I7: one stamp makes two tasks: %s and %s", first.body, second.body)
		}
		return first, made > 0
	})
}

func (d *driver) ask2(o *order, q request) (reply, bool) {
	r, known := d.ask("create "+o.stamp, q)
	o.request = fmt.Sprintf("t%d-%d-%d", d.w.seed, d.number, d.count)
	if known {
		d.noted()
	}
	return r, known
}

func (d *driver) order(f *family, send func(*order, request) (reply, bool)) {
	if f.newest().life == dead {
		return
	}
	f.used, f.touched = true, true
	stamp := tasks.NewStamp()
	o := &order{holder: f.holder, title: "torture " + stamp, stamp: stamp, touched: true}
	r, known := send(o, newTask(f.newest().text, o.title, stamp))
	if r.unsent && !known {
		return
	}
	d.orders = append(d.orders, o)
	if !known {
		return
	}
	var made struct{ ID string }
	if r.status != http.StatusCreated || json.Unmarshal(r.body, &made) != nil || made.ID == "" {
		d.wrong("I1: a task is not created: %d %s", r.status, r.body)
		return
	}
	o.id = made.ID
}
