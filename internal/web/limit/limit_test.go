package limit_test

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"propusk/internal/authority"
	"propusk/internal/web/limit"
)

// In any order of requests and pauses no window of any length lets more through
// than burst + rate × length, and the fields say how many are left.
func TestLimiterBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1000, 0)
		rate, burst := rapid.IntRange(1, 50).Draw(t, "rate"), rapid.IntRange(1, 100).Draw(t, "burst")
		l := limit.NewRate(limit.RateConfig{Rate: rate, Burst: burst, Now: func() time.Time { return now }})
		start, passed := now, 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "ms")) * time.Millisecond)
			q := l.Allow(1)
			if q.Allowed {
				passed++
			} else if q.Retry <= 0 || q.Remaining != 0 {
				t.Fatalf("refused without a wait: %+v", q)
			}
			most := float64(burst) + now.Sub(start).Seconds()*float64(rate)
			if float64(passed) > most+1e-6 {
				t.Fatalf("%d passed in %v", passed, now.Sub(start))
			}
			before := q
			if q.Allowed && q.Remaining > 0 {
				for i := range before.Remaining {
					if q = l.Allow(1); !q.Allowed {
						t.Fatalf("told %d were left, refused at %d", before.Remaining, i)
					}
					passed++
				}
			}
		}
	})
}

func TestLimiterHeaders(t *testing.T) {
	now := time.Unix(1000, 0)
	l := limit.NewRate(limit.RateConfig{Rate: 100, Burst: 200, Now: func() time.Time { return now }})
	var q limit.Quota
	for range 200 {
		q = l.Allow(7)
	}
	h := http.Header{}
	q.SetHeaders(h)
	if h.Get("RateLimit-Policy") != `"credential";q=200;w=2` || h.Get("RateLimit") != `"credential";r=0;t=2` || q.Err() != nil {
		t.Errorf("%v %v", h, q.Err())
	}
	if q = l.Allow(7); authority.CodeOf(q.Err()) != authority.LimitExceeded {
		t.Errorf("the 201st at once passes: %+v", q)
	}
	if q = l.Allow(8); !q.Allowed {
		t.Error("another key is refused too")
	}
	if now = now.Add(10 * time.Millisecond); !l.Allow(7).Allowed || l.Allow(7).Allowed {
		t.Error("after 10 ms exactly one more should pass")
	}
	if limit.NewRate(limit.RateConfig{}) != nil {
		t.Error("no rate is a limit")
	}
}

func attempt(client, address, proof string) authority.Attempt {
	return authority.Attempt{
		Origin: authority.Origin{Stand: authority.Test, Dialect: "d", Address: netip.MustParseAddr(address)},
		Client: client, Proof: authority.NewSecret(proof),
	}
}

func refuse() error { return authority.E(authority.InvalidClient, "") }

// Rule 18: 10 in 5 minutes per client and address; the window slides.
func TestAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := limit.NewAttempts(limit.AttemptsConfig{})
		try := func(client, address string, result error) authority.Code {
			return authority.CodeOf(a.Do(t.Context(), attempt(client, address, "p"), func() error { return result }))
		}
		for i := range 10 {
			if got := try("c", "192.0.2.1", refuse()); got != authority.InvalidClient {
				t.Fatalf("attempt %d: %s", i, got)
			}
			time.Sleep(time.Second)
		}
		err := a.Do(t.Context(), attempt("c", "192.0.2.1", "p"), func() error { t.Error("the work was done"); return nil })
		var e *authority.Error
		if !errors.As(err, &e) || e.Code != authority.LimitExceeded || e.RetryAfter != 290*time.Second {
			t.Fatalf("the 11th: %v", err)
		}
		for _, other := range [][2]string{{"c", "192.0.2.2"}, {"d", "192.0.2.1"}} {
			if got := try(other[0], other[1], nil); got != "" {
				t.Errorf("%v: %s", other, got)
			}
		}
		time.Sleep(290 * time.Second)
		if got := try("c", "192.0.2.1", refuse()); got != authority.InvalidClient {
			t.Errorf("when the oldest has left the window: %s", got)
		}
		if got := try("c", "192.0.2.1", nil); got != authority.LimitExceeded {
			t.Errorf("the window does not slide: %s", got)
		}
	})
}

func TestAttemptsCountOnlyRefusals(t *testing.T) {
	a := limit.NewAttempts(limit.AttemptsConfig{})
	for i := range 200 {
		result := []error{nil, authority.E(authority.Malformed, ""), authority.E(authority.Unavailable, ""), context.Canceled}[i%4]
		if err := a.Do(t.Context(), attempt("c", "192.0.2.1", "p"), func() error { return result }); authority.CodeOf(err) == authority.LimitExceeded {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	for range 9 {
		_ = a.Do(t.Context(), attempt("c", "192.0.2.1", "x"), refuse)
	}
	_ = a.Do(t.Context(), attempt("c", "192.0.2.1", "p"), func() error { return nil })
	for i := range 10 {
		if err := a.Do(t.Context(), attempt("c", "192.0.2.1", "x"), refuse); authority.CodeOf(err) != authority.InvalidClient {
			t.Errorf("a success did not clear the count: %d %v", i, err)
		}
	}
}

// 100 per client from anywhere; an IPv6 client is its /64.
func TestAttemptsPerClient(t *testing.T) {
	a := limit.NewAttempts(limit.AttemptsConfig{})
	run := 0
	for i := range 150 {
		_ = a.Do(t.Context(), attempt("c", "192.0.2."+strconv.Itoa(i), "x"), func() error { run++; return refuse() })
	}
	if run != 100 {
		t.Errorf("%d attempts from 150 addresses were tried", run)
	}
	run = 0
	for i := range 50 {
		_ = a.Do(t.Context(), attempt("v6", "2001:db8::"+strconv.Itoa(i), "x"), func() error { run++; return refuse() })
	}
	if run != 10 {
		t.Errorf("%d attempts from one /64 were tried", run)
	}
}

// 200 at once: at most 10 are tried when all are wrong, all pass when all are
// right.
func TestAttemptsAtOnce(t *testing.T) {
	for _, c := range []struct {
		result error
		tried  int32
	}{{refuse(), 10}, {nil, 200}} {
		synctest.Test(t, func(t *testing.T) {
			a := limit.NewAttempts(limit.AttemptsConfig{})
			var tried, limited atomic.Int32
			var wg sync.WaitGroup
			for range 200 {
				wg.Go(func() {
					err := a.Do(t.Context(), attempt("c", "192.0.2.1", "p"), func() error {
						tried.Add(1)
						time.Sleep(time.Second)
						return c.result
					})
					if authority.CodeOf(err) == authority.LimitExceeded {
						limited.Add(1)
					}
				})
			}
			wg.Wait()
			if tried.Load() != c.tried || tried.Load()+limited.Load() != 200 {
				t.Errorf("%v: %d tried, %d limited", c.result, tried.Load(), limited.Load())
			}
		})
	}
}

// Who has signed in at a shared address lends no places to others there.
func TestAttemptsBesideAGoodOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := limit.NewAttempts(limit.AttemptsConfig{})
		_ = a.Do(t.Context(), attempt("c", "192.0.2.1", "right"), func() error { return nil })
		var tried atomic.Int32
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				_ = a.Do(t.Context(), attempt("c", "192.0.2.1", "wrong"+strconv.Itoa(i)), func() error {
					tried.Add(1)
					time.Sleep(time.Second)
					return refuse()
				})
			})
		}
		wg.Wait()
		if tried.Load() != 10 {
			t.Errorf("%d guesses were tried", tried.Load())
		}
	})
}

func TestAttemptsGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := limit.NewAttempts(limit.AttemptsConfig{PerPair: 1})
		block := make(chan struct{})
		go func() {
			_ = a.Do(t.Context(), attempt("c", "192.0.2.1", "x"), func() error { <-block; return nil })
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := a.Do(ctx, attempt("c", "192.0.2.1", "y"), func() error { return nil })
		if authority.CodeOf(err) != authority.Unavailable {
			t.Errorf("got %v", err)
		}
		close(block)
	})
}

// A flood of keys does not grow memory and does not free a key in use.
func TestAttemptsAreBounded(t *testing.T) {
	a := limit.NewAttempts(limit.AttemptsConfig{Keys: 100})
	err := a.Do(t.Context(), attempt("held", "192.0.2.1", "x"), func() error {
		for i := range 10_000 {
			_ = a.Do(t.Context(), attempt(strings.Repeat("f", 10)+strconv.Itoa(i), "192.0.2.1", "x"), refuse)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
