package web

import (
	"net"
	"net/http"
	"time"
)

// Guarded gives c behind a guard, for the fuzz test.
func Guarded(c net.Conn) net.Conn { return newGuard(time.Second, usualHead).wrap(c, nil) }

// Unmark hides requests that stand for a refusal.
func Unmark(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(refusalField) == "" {
			h.ServeHTTP(w, r)
		}
	})
}
