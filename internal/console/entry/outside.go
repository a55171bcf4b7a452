package entry

import (
	"encoding/json"
	"net/http"
	"net/url"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/signin"
	"propusk/internal/web"
)

// with adds where to go on to an address.
func with(path, next string) string {
	if next == "/" || next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// ceremony answers the script that talks to the user's device.
func ceremony(v *page.View, c signin.Ceremony, err error) error {
	if err != nil {
		text, _ := json.Marshal(map[string]string{"problem": v.Say(err)}) //nolint:errchkjson // text alone
		v.Writer().Header().Set("Cache-Control", "no-store")
		web.WriteBody(v.Writer(), web.Status(authority.CodeOf(err)), "application/json", text)
		return nil
	}
	text, err := json.Marshal(map[string]any{"options": c.Options, "ticket": c.Ticket.Reveal()})
	if err != nil {
		return err
	}
	v.Writer().Header().Set("Cache-Control", "no-store")
	web.WriteBody(v.Writer(), http.StatusOK, "application/json", text)
	return nil
}

func (a Area) passkeyBegin(v *page.View) error {
	c, err := a.People.BeginSignIn(visit(v))
	return ceremony(v, c, err)
}

func (a Area) secondBegin(v *page.View) error {
	c, err := a.People.BeginSecond(v.Context(), visit(v), step(v))
	return ceremony(v, c, err)
}

func (a Area) proveBegin(v *page.View) error {
	c, err := a.People.BeginProof(v.Context(), v.Caller)
	return ceremony(v, c, err)
}

func (a Area) passkey(v *page.View) error {
	sent := v.Sent()
	opened, err := a.People.SignInWithPasskey(v.Context(), visit(v), authority.NewSecret(sent.Get("ticket")), []byte(sent.Get("answer")))
	if err != nil {
		return v.Again("sign-in.html", a.offers(), err)
	}
	return a.in(v, opened, sent.Get("next"))
}

// journeyCookie holds a sign-in while the browser is at the provider's.
func journeyCookie(v *page.View) string { return page.SessionCookie(v.Stand()) + "-journey" }

// returning is the path that the provider sends browsers back to.
func returning(v *page.View) string { return page.Base(v.Stand()) + "/sign-in/return" }

func (a Area) depart(v *page.View) error {
	j, err := a.People.Depart(v.Context(), visit(v), signin.Trip{
		Callback: returning(v), Next: page.Local(v.Query("next")), Again: v.Query("again") != "",
	})
	if err != nil {
		return err
	}
	v.Keep(journeyCookie(v), j.Ticket.Reveal(), signin.StepLife)
	return v.Leave(j.URL)
}

func (a Area) comeBack(v *page.View) error {
	ticket := authority.NewSecret(v.Kept(journeyCookie(v)))
	v.Keep(journeyCookie(v), "", -1)
	opened, next, err := a.People.Return(v.Context(), visit(v), ticket, v.Request().URL.Query())
	if err != nil {
		return v.Again("sign-in.html", a.offers(), err)
	}
	return a.in(v, opened, next)
}

func (a Area) proveForm(v *page.View) error {
	v.Form = page.Filled("next", page.Local(v.Query("next")))
	d, err := a.proofs(v)
	if err != nil {
		return err
	}
	return v.Render("prove.html", d)
}

// proofs is what the page of a new proof offers.
type proofs struct {
	second

	Provider string
}

func (a Area) proofs(v *page.View) (proofs, error) {
	f, err := a.People.Factors(v.Context(), v.Caller)
	return proofs{second{f, a.People.PasskeysHere()}, a.People.Provider()}, err
}

func (a Area) prove(v *page.View) error {
	sent := v.Sent()
	var err error
	switch sent.Get("by") {
	case "passkey":
		err = a.People.ProvePasskey(v.Context(), v.Caller, authority.NewSecret(sent.Get("ticket")), []byte(sent.Get("answer")))
	case "code":
		err = a.People.ProveCode(v.Context(), v.Caller, sent.Get("code"))
	case "password":
		err = a.People.ProvePassword(v.Context(), v.Caller, authority.NewSecret(sent.Get("password")))
	default:
		err = page.NoChoice("by")
	}
	if err == nil {
		return v.Redirect(page.Local(sent.Get("next")))
	}
	d, broken := a.proofs(v)
	if broken != nil {
		return broken
	}
	v.Form.Values.Del("code")
	return v.Again("prove.html", d, field(err, sent.Get("by")))
}
