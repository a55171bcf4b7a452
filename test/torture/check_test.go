//go:build linux

package torture_test

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"propusk/internal/authority"
)

// others is how many families and tasks of earlier rounds are looked at again
// in each round; at the end all are.
const others = 15

// check holds the server to everything that the driver has touched since the
// last check, and to a part of the rest, or to everything.
func (d *driver) check(everything bool) {
	for _, h := range d.holders {
		for _, f := range h.families {
			if f.free() && !f.used && len(f.refresh) > 1 && time.Since(f.rotated) < replayable {
				d.replay(f)
			}
		}
	}
	for _, h := range d.holders {
		d.checkHolder(h)
		for _, f := range h.families {
			if everything || f.touched || d.rand.IntN(len(h.families)) < others {
				d.checkFamily(f)
			}
		}
	}
	for _, o := range d.orders {
		if everything || o.touched || d.rand.IntN(len(d.orders)) < others {
			d.checkOrder(o)
		}
	}
	d.checkAudit()
}

// checkHolder tries the secret and the latest of those that were rotated away.
func (d *driver) checkHolder(h *holder) {
	if f := d.issue(h); f != nil {
		d.forge(f.newest().text)
	}
	if n := len(h.former); n > 0 {
		if r := d.must(h.loginWith(h.former[n-1])); r.status != http.StatusUnauthorized {
			d.wrong("I2: a secret of %s that was rotated away gets %d", h.name, r.status)
		}
	}
}

// checkFamily is I1, I2 and I4 for one family.
func (d *driver) checkFamily(f *family) {
	if f.doubt != none || !f.holder.free() {
		return
	}
	f.touched, f.used = false, true
	for i, t := range f.access {
		want := f.life == alive && t.life == alive
		if got := d.works(t.text); got != want {
			d.wrong("%s: access token %d of %d of a family of %s: accepted = %v", promise(want), i+1, len(f.access), f.holder.name, got)
		}
	}
	for i, text := range f.refresh {
		want := f.life == alive && i == len(f.refresh)-1
		if got := d.counts(text); got != want {
			d.wrong("%s: refresh token %d of %d of a family of %s: counts = %v", promise(want), i+1, len(f.refresh), f.holder.name, got)
		}
	}
	if f.life == dead && len(f.refresh) > 0 {
		if r := d.must(refresh(f.current())); r.status != http.StatusUnauthorized {
			d.wrong("I2: a refresh token of a dead family gets %d", r.status)
		}
	}
}

func promise(works bool) string {
	if works {
		return "I1"
	}
	return "I2"
}

// forge tries texts that nobody has issued.
func (d *driver) forge(access string) {
	b := []byte(access)
	at := len(b)/2 + d.rand.IntN(len(b)/4)
	if b[at] == 'x' {
		b[at] = 'y'
	} else {
		b[at] = 'x'
	}
	for _, text := range []string{string(b), access[:len(access)-1], access + "A"} {
		if r := d.must(use(text)); r.status != http.StatusUnauthorized {
			d.wrong("I5: a token that nobody issued gets %d", r.status)
		}
	}
}

// checkOrder is I1 and I7 for one task: it is there, once, and its creation can
// be repeated.
func (d *driver) checkOrder(o *order) {
	if o.id == "" || !o.holder.free() {
		return
	}
	access := d.accessOf(o.holder)
	if access == "" {
		return
	}
	o.touched = false
	if r := d.must(newTask(access, o.title, o.stamp)); r.status != http.StatusConflict || firstID(r) != o.id {
		d.wrong("I7: task %s: the repeated creation gets %d %s", o.id, r.status, r.body)
	}
	query := url.Values{"searchText": {o.title}}
	r := d.must(request{method: http.MethodGet, path: "/fsm/WORK/Tasks?" + query.Encode(), header: bearer(access)})
	var list struct {
		Data  []struct{ ID string }
		Total int
	}
	if r.into(&list) != nil || list.Total != 1 || len(list.Data) != 1 || list.Data[0].ID != o.id {
		d.wrong("I1: task %s is found as %d %s", o.id, r.status, r.body)
	}
}

// auditPage is how many entries one look at the audit gives at most.
const auditPage = 1000

// checkAudit finds an entry for each acknowledged change (I8).
func (d *driver) checkAudit() {
	missing := map[string]bool{}
	for _, id := range d.audited {
		missing[id] = true
	}
	d.audited = nil
	before := ""
	for len(missing) > 0 {
		input := map[string]any{"limit": strconv.Itoa(auditPage), "outcome": "done"}
		if before != "" {
			input["before"] = before
		}
		var page []struct {
			ID           int64
			Verb, Object string
			Request      string `json:"request_id"`
		}
		if err := d.mustAdmin("audit.list", input).into(&page); err != nil || len(page) == 0 {
			break
		}
		for _, e := range page {
			delete(missing, e.Request)
			if e.Verb != authority.VerbIssue && e.Verb != authority.VerbRefresh {
				delete(missing, e.Object)
			}
		}
		before = strconv.FormatInt(page[len(page)-1].ID, 10)
	}
	for id := range missing {
		d.wrong("I8: %s has no entry in the audit", id)
	}
}
