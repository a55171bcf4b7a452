package limit

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"propusk/internal/authority"
)

// Rate allows each key a steady rate with bursts, by the generic cell rate
// algorithm: one number per key, no window whose edge lets twice as many
// through. It holds a bounded number of keys. A nil *Rate limits nothing.
// Safe for concurrent use.
type Rate struct {
	rate  int // per second
	burst int
	every time.Duration // one request costs this
	now   func() time.Time
	shard [16]shard
}

type shard struct {
	mu   sync.Mutex
	keys *bounded[authority.ID, *time.Time] // when the key's bucket is empty again
}

// RateConfig says how much is allowed. Rate 0 = no limit.
type RateConfig struct {
	Rate  int              // requests per second and key
	Burst int              // at once; below 1 = Rate
	Keys  int              // most keys remembered; 0 = 100,000
	Now   func() time.Time // nil = time.Now; must be monotonic
}

// NewRate gives nil, which limits nothing, if c has no rate.
func NewRate(c RateConfig) *Rate {
	if c.Rate <= 0 {
		return nil
	}
	if c.Burst < 1 {
		c.Burst = c.Rate
	}
	if c.Keys == 0 {
		c.Keys = 100_000
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	l := &Rate{rate: c.Rate, burst: c.Burst, every: time.Second / time.Duration(c.Rate), now: c.Now}
	for i := range l.shard {
		l.shard[i].keys = newBounded[authority.ID, *time.Time](max(1, c.Keys/len(l.shard)))
	}
	return l
}

// Quota is what a key has left after one request.
type Quota struct {
	Allowed   bool
	Burst     int
	Window    time.Duration // in which Burst fills up again
	Remaining int
	Reset     time.Duration // until Remaining is Burst again
	Retry     time.Duration // until the next request is allowed; 0 when this one was
}

// Allow takes one request of key. Refused ones cost nothing.
func (l *Rate) Allow(key authority.ID) Quota {
	now := l.now()
	sh := &l.shard[uint64(key)%uint64(len(l.shard))]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	tat := sh.keys.get(key, func() *time.Time { return new(now) })
	from := now
	if tat.After(now) {
		from = *tat
	}
	q := Quota{Burst: l.burst, Window: l.every * time.Duration(l.burst)}
	next := from.Add(l.every)
	if over := next.Sub(now) - q.Window; over > 0 {
		q.Retry, q.Reset = over, from.Sub(now)
		return q
	}
	*tat = next
	q.Allowed, q.Reset = true, next.Sub(now)
	q.Remaining = int((q.Window - q.Reset) / l.every)
	return q
}

// SetHeaders writes the RateLimit and RateLimit-Policy fields
// (draft-ietf-httpapi-ratelimit-headers-10 §3, §4).
func (q Quota) SetHeaders(h http.Header) {
	window := strconv.FormatInt(max(1, Seconds(q.Window)), 10)
	h["Ratelimit-Policy"] = []string{`"credential";q=` + strconv.Itoa(q.Burst) + ";w=" + window}
	h["Ratelimit"] = []string{`"credential";r=` + strconv.Itoa(q.Remaining) + ";t=" + strconv.FormatInt(Seconds(q.Reset), 10)}
}

// Err is the refusal of a request over the limit; nil when it was allowed.
func (q Quota) Err() error {
	if q.Allowed {
		return nil
	}
	err := authority.E(authority.LimitExceeded, "too many requests")
	err.RetryAfter = q.Retry
	return err
}

// Seconds gives d in whole seconds, rounded up, as header fields say it.
func Seconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}
