// Package entry is how people come into the console, and what each of them may
// change of his own way in: sign-in and second step, the proof before a secret,
// profile, security, sessions, and the first start.
//
// It shows and asks; package signin decides and does.
package entry

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/signin"
)

// Passwords changes the caller's own password; *admin.Service does.
type Passwords interface {
	SetOwnPassword(ctx context.Context, c authority.Caller, password authority.Secret) error
}

// Area implements page.Area.
type Area struct {
	People    *signin.Service
	Passwords Passwords
	Setup     *signin.Setup // nil where there is an account
}

//go:embed all:templates static messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	const post = http.MethodPost
	return slices.Concat([]page.Screen{
		{Path: "/sign-in", Open: true, Serve: a.form},
		{Method: post, Path: "/sign-in", Open: true, Audit: signin.VerbBegin, Fields: []string{"login", "password", "next"}, Serve: a.password},
		{Path: "/sign-in/second", Open: true, Serve: a.secondForm},
		{Method: post, Path: "/sign-in/second", Open: true, Audit: signin.VerbBegin, Fields: []string{"by", "next", "ticket", "answer", "code", "recovery"}, Serve: a.second},
		{Method: post, Path: "/sign-in/second/begin", Open: true, Serve: a.secondBegin},
		{Method: post, Path: "/sign-in/passkey/begin", Open: true, Serve: a.passkeyBegin},
		{Method: post, Path: "/sign-in/passkey", Open: true, Audit: signin.VerbBegin, Fields: []string{"by", "next", "ticket", "answer"}, Serve: a.passkey},
		{Path: "/sign-in/provider", Open: true, Serve: a.depart},
		{Path: "/sign-in/return", Open: true, Audit: signin.VerbBegin, Serve: a.comeBack},
		{Method: post, Path: "/sign-out", Audit: "session.end", Serve: a.signOut},
		{Path: "/prove", Serve: a.proveForm},
		{Method: post, Path: "/prove", Audit: signin.VerbProve, Fields: []string{"by", "next", "ticket", "answer", "login", "password", "code"}, Serve: a.prove},
		{Method: post, Path: "/prove/begin", Serve: a.proveBegin},
	}, a.own(), a.setup())
}

// stepCookie holds what stands between two steps of a sign-in.
func stepCookie(v *page.View) string { return page.SessionCookie(v.Stand()) + "-step" }

// visit is where the sign-in comes from.
func visit(v *page.View) signin.Visit {
	return signin.Visit{Origin: v.Origin(), Agent: v.Request().UserAgent()}
}

// offers is what the sign-in page offers besides a password.
type offers struct {
	Passkeys bool
	Provider string
}

func (a Area) offers() offers { return offers{a.People.PasskeysHere(), a.People.Provider()} }

func (a Area) form(v *page.View) error {
	v.Form = page.Filled("next", page.Local(v.Query("next")))
	return v.Bare("sign-in.html", a.offers())
}

func (a Area) password(v *page.View) error {
	sent := v.Sent()
	step, err := a.People.Password(v.Context(), visit(v), sent.Get("login"), authority.NewSecret(sent.Get("password")))
	if err != nil {
		return v.Again("sign-in.html", a.offers(), err)
	}
	if !step.Pending.Empty() {
		v.Keep(stepCookie(v), step.Pending.Reveal(), signin.StepLife)
		return v.Redirect(with("/sign-in/second", page.Local(sent.Get("next"))))
	}
	return a.in(v, step.Opened, sent.Get("next"))
}

// in gives the browser its session and lets it go on.
func (Area) in(v *page.View, o signin.Opened, next string) error {
	v.Remember(o.Token)
	v.Keep(stepCookie(v), "", -1)
	return v.Redirect(page.Local(next))
}

// second is what the page of the second step shows.
type second struct {
	signin.Factors

	Here bool // passkeys can be used at this address
}

func (a Area) secondForm(v *page.View) error {
	v.Form = page.Filled("next", page.Local(v.Query("next")))
	f, err := a.People.Pending(v.Context(), visit(v), step(v))
	if authority.CodeOf(err) == authority.InvalidGrant {
		return v.Redirect(with("/sign-in", page.Local(v.Query("next"))))
	}
	if err != nil {
		return err
	}
	return v.Bare("second.html", second{f, a.People.PasskeysHere()})
}

func step(v *page.View) authority.Secret { return authority.NewSecret(v.Kept(stepCookie(v))) }

func (a Area) second(v *page.View) error {
	sent := v.Sent()
	opened, err := a.secondBy(v, sent.Get("by"))
	if err != nil {
		return a.secondAgain(v, err)
	}
	return a.in(v, opened, sent.Get("next"))
}

func (a Area) secondBy(v *page.View, by string) (signin.Opened, error) {
	value := v.Form.Value
	switch by {
	case "passkey":
		return a.People.SecondWithPasskey(v.Context(), visit(v), step(v), authority.NewSecret(value("ticket")), []byte(value("answer")))
	case "recovery":
		return a.People.RecoveryCode(v.Context(), visit(v), step(v), value("recovery"))
	}
	if by != "code" {
		return signin.Opened{}, page.NoChoice("by")
	}
	return a.People.Code(v.Context(), visit(v), step(v), value("code"))
}

// secondAgain asks once more, or from the beginning where the step is over.
func (a Area) secondAgain(v *page.View, err error) error {
	f, over := a.People.Pending(v.Context(), visit(v), step(v))
	if over != nil {
		return v.Again("sign-in.html", a.offers(), err)
	}
	v.Form.Values.Del("code")
	v.Form.Values.Del("recovery")
	return v.Again("second.html", second{f, a.People.PasskeysHere()}, field(err, v.Form.Value("by")))
}

// field says at which field of a form an error is shown.
func field(err error, name string) error {
	var e *authority.Error
	if errors.As(err, &e) && e.Code == authority.InvalidGrant && (name == "code" || name == "recovery" || name == "password") {
		return e.With("field", name)
	}
	return err
}

func (a Area) signOut(v *page.View) error {
	if err := a.People.SignOut(v.Context(), v.Caller); err != nil {
		return err
	}
	v.Forget()
	return v.Redirect("/sign-in")
}
