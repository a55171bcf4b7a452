//go:build linux

package torture_test

import "time"

// life is what the ledger says of something.
type life uint8

const (
	alive life = iota
	dead
)

// doubt is what was asked for when no answer came.
type doubt uint8

const (
	none       doubt = iota
	refreshing       // of a family
	ending           // of a family, whole
	ending1          // of a family, its newest access token
	stealing         // a spent token was shown: the family ends
	rotating         // of a holder's secret
	clearing         // of everything a holder has
	disabling        // of a holder
	enabling
)

// token is an access token.
type token struct {
	text string
	life life
}

// family is a grant: what one exchange has led to.
type family struct {
	holder  *holder
	access  []*token // of every generation
	refresh []string // likewise; empty where there is none
	life    life
	doubt   doubt
	used    bool      // the newest generation was seen by the server
	rotated time.Time // when the newest generation was acknowledged
	touched bool      // since the last check
}

// newest gives the newest access token.
func (f *family) newest() *token { return f.access[len(f.access)-1] }

// current gives the refresh token that counts.
func (f *family) current() string { return f.refresh[len(f.refresh)-1] }

func (f *family) free() bool { return f.life == alive && f.doubt == none && f.holder.free() }

// add takes in the next generation.
func (f *family) add(p pair) {
	f.access = append(f.access, &token{text: p.Access})
	if p.Refresh != "" {
		f.refresh = append(f.refresh, p.Refresh)
	}
	f.used, f.touched, f.rotated = false, true, time.Now()
}

// holder is a service user, or an application (then client is set).
type holder struct {
	id       string
	name     string
	secret   string   // the service token, or the client secret
	former   []string // secrets that were rotated away
	client   string   // client id
	doubt    doubt
	families []*family
}

func (h *holder) free() bool { return h.doubt == none }

// word is what operations on h begin with.
func (h *holder) word() string {
	if h.client != "" {
		return "application"
	}
	return "service-user"
}

// sure reports whether nothing of h is in doubt.
func (h *holder) sure() bool {
	for _, f := range h.families {
		if f.doubt != none {
			return false
		}
	}
	return h.free()
}

// end notes that everything issued so far is dead.
func (h *holder) end() {
	for _, f := range h.families {
		f.touched = f.touched || f.life == alive
		f.life = dead
	}
}

// order is a task.
type order struct {
	holder  *holder
	title   string
	stamp   string
	id      string // "" = no answer came
	request string // X-Request-ID of the one that may have made it
	touched bool
}
