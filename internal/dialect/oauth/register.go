package oauth

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"

	"propusk/internal/authority"
)

const (
	maxClientID = 256 // bytes; longer ones were never given out
	maxKnown    = 4096
	// What a client id is does not change while it exists; the minute is for
	// one that is removed and imported anew. One that is not there may be there
	// the next second.
	rememberKnown   = time.Minute
	rememberUnknown = time.Second
)

// register remembers what client ids are, so that the shared token path and the
// door behind it look a client up once. It lets nobody in: the secret is
// compared each time.
type register struct {
	core  Core
	now   func() time.Time
	known *otter.Cache[clientKey, registered]
}

type clientKey struct {
	stand authority.Stand
	id    string
}

// registered is what is remembered of one client id.
type registered struct {
	authority.Registration

	found bool
	until time.Time
}

func newRegister(core Core, now func() time.Time) *register {
	known := otter.Must(&otter.Options[clientKey, registered]{MaximumSize: maxKnown})
	return &register{core, now, known}
}

// find tells what id is. One that nobody has is tried as an application's, so
// that it fails where and as a wrong secret does.
func (g *register) find(ctx context.Context, stand authority.Stand, id string) (registered, error) {
	unknown := registered{Registration: authority.Registration{Kind: authority.ApplicationSecret}}
	if id == "" || len(id) > maxClientID {
		return unknown, nil
	}
	key, now := clientKey{stand, id}, g.now()
	if r, ok := g.known.GetIfPresent(key); ok && now.Before(r.until) {
		return r, nil
	}
	found, err := g.core.Registered(ctx, stand, id)
	r := registered{Registration: found, found: true, until: now.Add(rememberKnown)}
	if authority.CodeOf(err) == authority.NotFound {
		r, err = unknown, nil
		r.until = now.Add(rememberUnknown)
	}
	if err == nil {
		g.known.Set(key, r)
	}
	return r, err
}
