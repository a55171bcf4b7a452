//go:build linux

package torture_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// replayable is how long after a refresh its answer can surely be asked for
// again: less than the window of 30 s.
const replayable = 20 * time.Second

// settle finds out what became of everything that is in doubt: each must have
// happened wholly or not at all (I3).
func (d *driver) settle() {
	d.gone = false
	for _, h := range d.holders {
		d.settleHolder(h)
		for _, f := range h.families {
			d.settleFamily(f)
		}
	}
	for _, o := range d.orders {
		d.settleOrder(o)
	}
}

// must sends q outside of the ledger and insists on an answer.
func (d *driver) must(q request) reply {
	d.w.ledger.checks.Add(1)
	r := d.do(q)
	if r.vague() {
		d.wrong("no answer to a check: %d %s", r.status, r.trouble())
	}
	return r
}

func (d *driver) mustAdmin(what string, input map[string]any) reply {
	d.w.ledger.checks.Add(1)
	r := d.operate(what, input)
	if !r.ok() {
		d.wrong("%s: %s", what, r.trouble())
	}
	return r
}

// works reports whether an access token is accepted.
func (d *driver) works(access string) bool { return d.must(use(access)).status == http.StatusOK }

// counts reports whether a refresh token is the one that counts, without using
// it.
func (d *driver) counts(text string) bool {
	r := d.must(d.w.gate.form("/oauth/introspect", url.Values{"token": {text}}))
	var said struct{ Active bool }
	if err := r.into(&said); err != nil {
		d.wrong("introspection answers %d %s", r.status, r.body)
	}
	return said.Active
}

func (d *driver) settleHolder(h *holder) {
	if h.doubt == none {
		return
	}
	if h.doubt == enabling {
		d.mustEnable(h)
		return
	}
	disabled := h.doubt == disabling && d.disabled(h)
	happened := disabled
	if h.doubt == rotating {
		happened = d.must(h.login()).status != http.StatusOK
	}
	living, all := d.living(h)
	switch {
	case living != 0 && living != all:
		d.wrong("I3: %d of %d families of %s live after half an act", living, all, h.name)
	case all > 0 && h.doubt != clearing && happened != (living == 0):
		d.wrong("I3: the act on %s happened: %v, but %d of %d families live", h.name, happened, living, all)
	}
	if happened || (all > 0 && living == 0) {
		h.end()
	}
	was := h.doubt
	h.doubt = none
	if disabled {
		d.mustEnable(h)
	}
	if was == rotating && happened {
		h.former, h.secret = append(h.former, h.secret), ""
		d.rotate(h)
	}
}

func (d *driver) mustEnable(h *holder) {
	d.mustAdmin(h.word()+".change", map[string]any{"id": h.id, "disabled": false})
	h.doubt = none
}

func (d *driver) disabled(h *holder) bool {
	var list []struct {
		ID       json.Number
		Disabled bool
	}
	if err := d.mustAdmin(h.word()+".list", nil).into(&list); err != nil {
		d.wrong("%v", err)
	}
	for _, one := range list {
		if one.ID.String() == h.id {
			return one.Disabled
		}
	}
	d.wrong("I1: %s is gone", h.name)
	return false
}

// living counts the families of h that should live, and those that do.
func (d *driver) living(h *holder) (living, all int) {
	for _, f := range h.families {
		if f.life == dead || f.newest().life == dead {
			continue
		}
		all++
		if (len(f.refresh) > 0 && d.counts(f.current())) || (len(f.refresh) == 0 && d.works(f.newest().text)) {
			living++
		}
	}
	return living, all
}

func (d *driver) settleFamily(f *family) {
	was := f.doubt
	f.doubt = none
	if f.life == dead {
		return
	}
	switch was {
	case refreshing:
		d.retry(f)
	case ending1:
		f.used, f.touched = true, true
		if !d.works(f.newest().text) {
			f.newest().life = dead
		}
	case ending, stealing:
		d.wholly(f)
	default: // the rest is the holder's
	}
}

// retry asks again for the pair whose answer was lost, and then once more.
func (d *driver) retry(f *family) {
	f.touched = true
	r := d.must(refresh(f.current()))
	d.renewed(f, r)
	if f.life == alive {
		d.replay(f)
	}
}

// replay asks for an answer that was acknowledged once more: it must come back
// byte for byte (rule 8).
func (d *driver) replay(f *family) {
	n := len(f.refresh)
	r := d.must(refresh(f.refresh[n-2]))
	var p pair
	if r.status != http.StatusOK || r.into(&p) != nil || p.Refresh != f.current() || p.Access != f.newest().text {
		d.wrong("I4: a repeated refresh gets %d %s", r.status, r.body)
	}
}

// wholly finds out whether a family has ended: all of it, or nothing.
func (d *driver) wholly(f *family) {
	living, all := 0, 0
	for _, t := range f.access {
		if t.life == alive {
			all++
			if d.works(t.text) {
				living++
			}
		}
	}
	if len(f.refresh) > 0 {
		all++
		if d.counts(f.current()) {
			living++
		}
	}
	f.used, f.touched = true, true
	if living != 0 && living != all {
		d.wrong("I3: %d of %d tokens of a family live", living, all)
	}
	if living == 0 {
		f.life = dead
	}
}

func (d *driver) settleOrder(o *order) {
	if o.id != "" {
		return
	}
	access := d.accessOf(o.holder)
	if access == "" {
		return
	}
	q := newTask(access, o.title, o.stamp)
	q.id = d.id()
	r := d.must(q)
	switch {
	case r.status == http.StatusCreated:
		var made struct{ ID string }
		if r.into(&made) == nil {
			o.id = made.ID
		}
		d.audited = append(d.audited, q.id)
	case r.status == http.StatusConflict:
		o.id = firstID(r)
		if o.request != "" { // it happened, so its entry is there
			d.audited = append(d.audited, o.request)
		}
	}
	if o.id == "" {
		d.wrong("I7: a repeated creation gets %d %s", r.status, r.body)
	}
	o.touched = true
}

// firstID reads the id that a repeated creation names.
func firstID(r reply) string {
	var said []struct{ Arguments map[string]string }
	if r.into(&said) != nil || len(said) != 1 {
		return ""
	}
	return said[0].Arguments["id"]
}

// accessOf gives a living access token of h.
func (d *driver) accessOf(h *holder) string {
	for _, f := range slices.Backward(h.families) {
		if f.free() && f.newest().life == alive {
			f.used, f.touched = true, true
			return f.newest().text
		}
	}
	if f := d.issue(h); f != nil {
		return f.newest().text
	}
	return ""
}
