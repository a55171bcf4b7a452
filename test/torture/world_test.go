//go:build linux

package torture_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// seedVariable repeats a run.
const seedVariable = "PROPUSK_TORTURE_SEED"

// clients is how many drivers work at once.
const clients = 8

// world is a deployment with its drivers.
type world struct {
	d       *deployment
	seed    uint64
	rand    *rand.Rand
	ledger  *ledger
	gate    client // an application that no round touches
	drivers []*driver
	losses  atomic.Int64
	rounds  int
	longest time.Duration // of the starts
}

// populate starts the server of d and makes whom the drivers act for.
func populate(d *deployment) *world {
	d.tb.Helper()
	w := &world{d: d, seed: seed(d.tb), ledger: newLedger(d.tb, d.root)}
	w.rand = rand.New(rand.NewPCG(w.seed, 0))
	w.start()
	c := newCaller(d)
	w.made(c, "role.create", map[string]any{
		"name": "torture", "permissions": []string{"TasksList", "TaskAdd", "TokensIntrospect", "TokensRevoke"},
	})
	w.made(c, "settings.change", map[string]any{"accept_tokens_from": map[string][]string{"hubex": {"oauth"}}})
	gate := w.made(c, "application.create", w.new("gate", "oauth"))
	w.gate = client{gate.ClientID, gate.Secret}
	for n := range clients {
		w.drivers = append(w.drivers, w.driver(c, n))
	}
	return w
}

func seed(tb testing.TB) uint64 {
	tb.Helper()
	n := uint64(time.Now().UnixNano())
	if text := os.Getenv(seedVariable); text != "" {
		var err error
		if n, err = strconv.ParseUint(text, 10, 64); err != nil {
			tb.Fatal(err)
		}
	}
	tb.Logf("seed %d (%s)", n, seedVariable)
	return n
}

// made is what operations of the administrator answer with.
type made struct {
	ID       json.Number
	ClientID string `json:"client_id"`
	Secret   string
}

func (w *world) new(name, dialect string) map[string]any {
	in := map[string]any{"name": name, "roles": []string{"torture"}, "all_areas": true}
	if dialect != "" {
		in["dialect"] = dialect
	}
	return in
}

func (w *world) made(c *caller, what string, input map[string]any) (out made) {
	w.d.tb.Helper()
	r := c.operate(what, input)
	if !r.ok() {
		w.d.tb.Fatalf("%s: %s", what, r.trouble())
	}
	if strings.HasSuffix(what, ".change") {
		return out
	}
	if err := r.into(&out); err != nil {
		w.d.tb.Fatal(err)
	}
	return out
}

// driver makes a driver with two service users and an application.
func (w *world) driver(c *caller, n int) *driver {
	w.d.tb.Helper()
	d := &driver{caller: newCaller(w.d), w: w, number: n, rand: rand.New(rand.NewPCG(w.seed, uint64(n)+1))}
	for i := range 2 {
		name := fmt.Sprintf("user %d of driver %d", i, n)
		user := w.made(c, "service-user.create", w.new(name, ""))
		secret := w.made(c, "service-token.generate", map[string]any{"principal": user.ID.String()})
		d.holders = append(d.holders, &holder{id: user.ID.String(), name: name, secret: secret.Secret})
	}
	name := fmt.Sprintf("application of driver %d", n)
	app := w.made(c, "application.create", w.new(name, "oauth"))
	d.holders = append(d.holders, &holder{id: app.ID.String(), name: name, secret: app.Secret, client: app.ClientID})
	return d
}

func (w *world) start() {
	w.d.tb.Helper()
	began := time.Now()
	w.d.start()
	w.longest = max(w.longest, time.Since(began))
}

// each runs do for all drivers at once.
func (w *world) each(do func(*driver)) {
	var all sync.WaitGroup
	for _, d := range w.drivers {
		all.Go(func() { do(d) })
	}
	all.Wait()
}

// verify settles what is in doubt and checks.
func (w *world) verify(everything bool) {
	w.ledger.write(event{Event: "check", What: strconv.Itoa(w.rounds)})
	w.each((*driver).settle)
	w.each(func(d *driver) { d.check(everything) })
}

// load lets the drivers work for a while, then runs end while they still do.
// It returns when all have noticed.
func (w *world) load(d time.Duration, end func()) {
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { w.each(func(d *driver) { d.work(ctx) }) })
	pause(ctx, d)
	w.ledger.write(event{Event: "crash", What: strconv.Itoa(w.rounds)})
	end()
	stop()
	all.Wait()
	w.rounds++
}

// between gives a random duration.
func (w *world) between(low, high time.Duration) time.Duration {
	return low + time.Duration(w.rand.Int64N(int64(high-low)))
}

// report adds the figures of a test to the summary.
func (w *world) report(name string) {
	l := w.ledger
	summary.add(fmt.Sprintf("%-28s %7d %10d %9d %8d %9d %7d   %v", name, w.rounds, l.intents.Load(), l.acks.Load(),
		l.doubts.Load(), l.checks.Load(), w.losses.Load(), w.longest.Round(time.Millisecond)))
}
