package server

import (
	"sync/atomic"

	"propusk/internal/authority"
)

// issuers holds the outside address of each stand: as configured, or the one
// that its listener turned out to have.
type issuers struct {
	urls map[authority.Stand]*atomic.Pointer[string]
}

func newIssuers(c BaseURL) *issuers {
	i := &issuers{urls: make(map[authority.Stand]*atomic.Pointer[string])}
	for _, stand := range authority.Stands() {
		i.urls[stand] = &atomic.Pointer[string]{}
	}
	i.set(authority.Production, c.Production)
	i.set(authority.Test, c.Test)
	return i
}

func (i *issuers) set(stand authority.Stand, url string) { i.urls[stand].Store(&url) }

// url is the outside address of stand, without a slash at its end.
func (i *issuers) url(stand authority.Stand) string { return *i.urls[stand].Load() }

// issuer names who issues the tokens of a dialect: the standard door by its
// address (RFC 8414 §2), every other by the stand's own name.
func (d *Data) issuer(stand authority.Stand, dialect string) string {
	if dialect == "oauth" {
		return d.issuers.url(stand)
	}
	return d.Stands[stand].Issuer
}
