package limit

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"propusk/internal/authority"
)

// Hourly counts the calls of each key by the hour that it was first seen in,
// for APIs that document such a counter. In memory, of this process alone;
// bounded. A nil *Hourly counts nothing. Safe for concurrent use.
type Hourly struct {
	most int
	now  func() time.Time

	mu   sync.Mutex
	keys *bounded[authority.ID, *hour] // guarded by mu
}

type hour struct {
	began time.Time
	used  int
}

// HourlyConfig says how much is allowed. Most 0 = no limit.
type HourlyConfig struct {
	Most int              // calls an hour and key
	Keys int              // most keys remembered; 0 = 100,000
	Now  func() time.Time // nil = time.Now; must be monotonic
}

// NewHourly gives nil, which counts nothing, if c has no limit.
func NewHourly(c HourlyConfig) *Hourly {
	if c.Most <= 0 {
		return nil
	}
	if c.Keys == 0 {
		c.Keys = 100_000
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Hourly{most: c.Most, now: c.Now, keys: newBounded[authority.ID, *hour](c.Keys)}
}

// Take counts one call of key and writes what is left into the X-RateLimit
// fields (Limit, Remaining, and Reset in seconds) and, beside what another
// limit has written there, into RateLimit and RateLimit-Policy. LimitExceeded
// when nothing is left; a refused call is not counted.
func (h *Hourly) Take(header http.Header, key authority.ID) error {
	if h == nil {
		return nil
	}
	remaining, reset := h.take(key)
	h.write(header, remaining, reset)
	if remaining >= 0 {
		return nil
	}
	err := authority.E(authority.LimitExceeded, "too many calls in this hour")
	err.RetryAfter = reset
	return err
}

// Show writes what is left into the fields that Take writes, and counts nothing:
// for answers to what is no call.
func (h *Hourly) Show(header http.Header, key authority.ID) {
	if h == nil {
		return
	}
	h.mu.Lock()
	now := h.now()
	at := h.current(key, now)
	remaining, reset := h.most-at.used, at.began.Add(time.Hour).Sub(now)
	h.mu.Unlock()
	h.write(header, remaining, reset)
}

func (h *Hourly) write(header http.Header, remaining int, reset time.Duration) {
	most, left, seconds := strconv.Itoa(h.most), strconv.Itoa(max(remaining, 0)), strconv.FormatInt(Seconds(reset), 10)
	header["X-Ratelimit-Limit"] = []string{most}
	header["X-Ratelimit-Remaining"] = []string{left}
	header["X-Ratelimit-Reset"] = []string{seconds}
	also(header, "Ratelimit-Policy", `"account";q=`+most+";w=3600")
	also(header, "Ratelimit", `"account";r=`+left+";t="+seconds)
}

// also adds a member to a list field. RFC 9651 §3.1
func also(h http.Header, field, member string) {
	if former := h[field]; len(former) > 0 {
		member = former[0] + ", " + member
	}
	h[field] = []string{member}
}

// take gives what is left after this call, below zero when it is refused.
func (h *Hourly) take(key authority.ID) (remaining int, reset time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	at := h.current(key, now)
	reset = at.began.Add(time.Hour).Sub(now)
	if at.used >= h.most {
		return -1, reset
	}
	at.used++
	return h.most - at.used, reset
}

// current gives the hour that key is in. h.mu is held.
func (h *Hourly) current(key authority.ID, now time.Time) *hour {
	at := h.keys.get(key, func() *hour { return &hour{began: now} })
	if now.Sub(at.began) >= time.Hour {
		*at = hour{began: now}
	}
	return at
}
