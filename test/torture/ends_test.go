//go:build linux

package torture_test

import (
	"net/http"
	"net/url"
)

// refused looks at once whether what was acknowledged as ended is (rule 7).
func (d *driver) refused(what, access string) {
	if d.gone {
		return
	}
	if r := d.do(use(access)); !r.vague() && r.status != http.StatusUnauthorized {
		d.wrong("I2: after %s the access token gets %d", what, r.status)
	}
}

// revoke revokes a token at /oauth/revoke.
func (d *driver) revoke(text string) (reply, bool) {
	return d.ask("revoke", d.w.gate.form("/oauth/revoke", url.Values{"token": {text}}))
}

func (d *driver) revokeAccess(f *family) {
	t := f.newest()
	if t.life == dead {
		return
	}
	f.touched, f.used = true, true // it is shown once more below
	r, known := d.revoke(t.text)
	if !known {
		f.doubt = doubted(r, ending1)
		return
	}
	d.noted()
	if !r.ok() {
		d.wrong("a revocation is answered with %d %s", r.status, r.body)
	}
	t.life = dead
	d.refused("revoking it", t.text)
}

func (d *driver) revokeRefresh(f *family) {
	if len(f.refresh) == 0 {
		d.revokeAccess(f)
		return
	}
	f.touched = true
	r, known := d.revoke(f.current())
	if known {
		d.noted()
	}
	d.ended(f, r, known)
}

// ended notes the outcome of an act that ends a family.
func (d *driver) ended(f *family, r reply, known bool) {
	if !known {
		f.doubt = doubted(r, ending)
		return
	}
	if !r.ok() {
		d.wrong("a revocation is answered with %d %s", r.status, r.body)
	}
	f.life = dead
	d.refused("revoking its family", f.newest().text)
}

// revokeGrant ends a family as an administrator does.
func (d *driver) revokeGrant(f *family) {
	f.touched = true
	r, known := d.askAdmin("token.inspect", map[string]any{"token": f.newest().text})
	if !known {
		return
	}
	var seen struct {
		Active bool
		Grant  string
	}
	if err := r.into(&seen); err != nil || seen.Active != (f.newest().life == alive) {
		d.wrong("I1: a token is inspected as %s", r.body)
		return
	}
	if !seen.Active {
		return
	}
	r, known = d.askAdmin("grant.revoke", map[string]any{"grant": seen.Grant})
	if known {
		d.audited = append(d.audited, "grant/"+seen.Grant)
	}
	d.ended(f, r, known)
}

// steal shows a refresh token that was spent two generations ago: the answer is
// no, and the family is dead (rule 8).
func (d *driver) steal(f *family) {
	if len(f.refresh) < 3 {
		d.renew(f)
		return
	}
	f.touched = true
	r, known := d.ask("show a spent refresh token", refresh(f.refresh[len(f.refresh)-3]))
	if !known {
		f.doubt = doubted(r, stealing)
		return
	}
	if r.status != http.StatusUnauthorized {
		d.wrong("I4: a spent refresh token gets %d %s", r.status, r.body)
	}
	f.life = dead
	d.refused("showing a spent refresh token", f.newest().text)
}

// whole does what ends everything that h holds.
func (d *driver) whole(h *holder, why doubt, what string, input map[string]any) (reply, bool) {
	r, known := d.askAdmin(what, input)
	if !known {
		h.doubt = doubted(r, why)
		return r, false
	}
	if !r.ok() {
		d.wrong("%s is answered with %d %s", what, r.status, r.body)
		return r, false
	}
	h.end()
	if n := len(h.families); n > 0 {
		d.refused(what, h.families[n-1].newest().text)
	}
	return r, true
}

// clear revokes everything of a holder; its secret goes on working.
func (d *driver) clear(h *holder) {
	d.whole(h, clearing, "grant.revoke", map[string]any{"principal": h.id})
}

// rotate gives a holder a new secret.
func (d *driver) rotate(h *holder) {
	what := "service-token.generate"
	if h.client != "" {
		what = "application.rotate"
	}
	r, known := d.whole(h, rotating, what, map[string]any{"principal": h.id})
	if !known {
		return
	}
	var made struct{ Secret string }
	if err := r.into(&made); err != nil || made.Secret == "" {
		d.wrong("%s gives no secret: %s", what, r.body)
		return
	}
	if h.secret != "" {
		h.former = append(h.former, h.secret)
	}
	h.secret = made.Secret
}

// disable shuts a holder out and lets it in again: what was issued stays dead.
func (d *driver) disable(h *holder) {
	input := map[string]any{"id": h.id, "disabled": true}
	if _, known := d.whole(h, disabling, h.word()+".change", input); known {
		d.enable(h)
	}
}

func (d *driver) enable(h *holder) {
	r, known := d.askAdmin(h.word()+".change", map[string]any{"id": h.id, "disabled": false})
	switch {
	case !known:
		h.doubt = enabling // it is disabled, also when nothing was sent
	case !r.ok():
		d.wrong("enabling is answered with %d %s", r.status, r.body)
	default:
		h.doubt = none
	}
}
