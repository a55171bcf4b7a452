package entry

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"net/http"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/signin"
)

// own lists the screens on which a user sees and changes his own way in.
func (a Area) own() []page.Screen {
	const post = http.MethodPost
	item := func(label, icon string, order int) *page.Item {
		return &page.Item{Section: "profile", Label: label, Icon: icon, Order: order}
	}
	return []page.Screen{
		{Path: "/profile", Menu: item("profile.title", "user", 10), Serve: a.profile},
		{Path: "/security", Menu: item("security.title", "lock", 30), Serve: a.security},
		{Method: post, Path: "/security/password", Audit: "user.password", Fields: []string{"login", "password", "new", "repeated"}, Serve: a.setPassword},
		{Path: "/security/code", Fresh: true, Serve: a.codeForm},
		{Method: post, Path: "/security/code", Fresh: true, Audit: signin.VerbAdd, Fields: []string{"ticket", "code"}, Serve: a.addCode},
		{Method: post, Path: "/security/code/remove", Fresh: true, Audit: signin.VerbRemove, Serve: a.removeCode},
		{Path: "/security/passkey", Fresh: true, Serve: a.passkeyForm},
		{Method: post, Path: "/security/passkey/begin", Fresh: true, Serve: a.addBegin},
		{Method: post, Path: "/security/passkey", Fresh: true, Audit: signin.VerbAdd, Fields: []string{"by", "next", "ticket", "answer", "name"}, Serve: a.addPasskey},
		{Method: post, Path: "/security/passkeys/{id}/name", Fresh: true, Audit: signin.VerbRename, Fields: []string{"name"}, Serve: a.renamePasskey},
		{Method: post, Path: "/security/passkeys/{id}/remove", Fresh: true, Audit: signin.VerbRemove, Serve: a.removePasskey},
		{Method: post, Path: "/security/recovery", Fresh: true, Audit: signin.VerbRecovery, Serve: a.newRecovery},
		{Path: "/sessions", Menu: item("sessions.title", "monitor", 40), Serve: a.sessions},
		{Method: post, Path: "/sessions/{grant}/end", Audit: "session.end", Serve: a.endSession},
		{Method: post, Path: "/sessions/end-others", Audit: "session.end", Serve: a.endOthers},
	}
}

func (Area) profile(v *page.View) error { return v.Render("profile.html", nil) }

// security is what the page of it shows.
type security struct {
	signin.Factors

	Here bool // passkeys can be made at this address
}

func (a Area) securityOf(v *page.View) (security, error) {
	f, err := a.People.Factors(v.Context(), v.Caller)
	return security{f, a.People.PasskeysHere()}, err
}

func (a Area) security(v *page.View) error {
	d, err := a.securityOf(v)
	if err != nil {
		return err
	}
	return v.Render("security.html", d)
}

// setPassword changes the user's password. It ends all that was issued to him,
// this session too.
func (a Area) setPassword(v *page.View) error {
	sent := v.Sent()
	var err error
	wanted := authority.NewSecret(sent.Get("new"))
	switch {
	case sent.Get("new") != sent.Get("repeated"):
		err = authority.E(authority.InvalidValue, "the two new passwords differ").With("field", "repeated")
	default:
		err = field(a.People.ProvePassword(v.Context(), v.Caller, authority.NewSecret(sent.Get("password"))), "password")
	}
	if err == nil {
		err = a.Passwords.SetOwnPassword(v.Context(), v.Caller.Home(), wanted)
	}
	if err == nil {
		v.Forget()
		return v.Done("/sign-in", "security.password.done")
	}
	d, broken := a.securityOf(v)
	if broken != nil {
		return broken
	}
	return v.Again("security.html", d, err)
}

// enrolment is what the page of a new code generator shows.
type enrolment struct {
	Text, Picture, Ticket string
}

func picture(e signin.Enrolment) (enrolment, error) {
	const pixels = 240
	img, err := e.Key.Image(pixels, pixels)
	if err != nil {
		return enrolment{}, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return enrolment{e.Text.Reveal(), base64.StdEncoding.EncodeToString(b.Bytes()), e.Ticket.Reveal()}, err
}

func (a Area) codeForm(v *page.View) error {
	e, err := a.People.BeginTOTP(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	d, err := picture(e)
	if err != nil {
		return err
	}
	return v.Render("code.html", d)
}

func (a Area) addCode(v *page.View) error {
	sent := v.Sent()
	ticket := authority.NewSecret(sent.Get("ticket"))
	codes, err := a.People.ConfirmTOTP(v.Context(), v.Caller, ticket, sent.Get("code"))
	if err == nil {
		return a.added(v, codes, "security.code.done")
	}
	e, over := a.People.EnrolmentOf(v.Caller, ticket)
	if over != nil {
		return v.Redirect("/security/code")
	}
	d, broken := picture(e)
	if broken != nil {
		return broken
	}
	v.Form.Values.Del("code")
	return v.Again("code.html", d, field(err, "code"))
}

// added shows the recovery codes that come with a user's first second factor.
func (Area) added(v *page.View, codes []authority.Secret, done string) error {
	if len(codes) == 0 {
		return v.Done("/security", done)
	}
	return v.Render("recovery.html", texts(codes))
}

func texts(codes []authority.Secret) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = c.Reveal()
	}
	return out
}

func (a Area) removeCode(v *page.View) error {
	if err := a.People.RemoveTOTP(v.Context(), v.Caller); err != nil {
		return err
	}
	return v.Done("/security", "security.code.removed")
}

func (a Area) passkeyForm(v *page.View) error {
	d, err := a.securityOf(v)
	if err != nil {
		return err
	}
	return v.Render("passkey.html", d)
}

func (a Area) addBegin(v *page.View) error {
	c, err := a.People.BeginAddPasskey(v.Context(), v.Caller)
	return ceremony(v, c, err)
}

func (a Area) addPasskey(v *page.View) error {
	sent := v.Sent()
	codes, err := a.People.AddPasskey(v.Context(), v.Caller, signin.NewPasskey{
		Ticket: authority.NewSecret(sent.Get("ticket")), Name: sent.Get("name"), Answer: []byte(sent.Get("answer")),
	})
	if err == nil {
		return a.added(v, codes, "security.passkey.done")
	}
	d, broken := a.securityOf(v)
	if broken != nil {
		return broken
	}
	return v.Again("passkey.html", d, err)
}

func (a Area) renamePasskey(v *page.View) error {
	sent := v.Sent()
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	if err := a.People.RenamePasskey(v.Context(), v.Caller, id, sent.Get("name")); err != nil {
		return err
	}
	return v.Done("/security", "security.passkey.renamed")
}

func (a Area) removePasskey(v *page.View) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	if err := a.People.RemovePasskey(v.Context(), v.Caller, id); err != nil {
		return err
	}
	return v.Done("/security", "security.passkey.removed")
}

func (a Area) newRecovery(v *page.View) error {
	codes, err := a.People.NewRecoveryCodes(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	return v.Render("recovery.html", texts(codes))
}

// session is a line of the list.
type session struct {
	signin.Session

	ID   string
	Here bool // the one that the page is shown in
}

func (a Area) sessions(v *page.View) error {
	all, err := a.People.Sessions(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	list := make([]session, len(all))
	for i, s := range all {
		list[i] = session{s, authority.EncodeGrant(s.Grant), s.Grant == v.Caller.Grant()}
	}
	slices.SortStableFunc(list, func(x, y session) int {
		switch {
		case x.Here == y.Here:
			return 0
		case x.Here:
			return -1
		}
		return 1
	})
	return v.Render("sessions.html", list)
}

func (a Area) endSession(v *page.View) error {
	grant, err := authority.DecodeGrant(v.Value("grant"))
	if err != nil {
		return err
	}
	if grant == v.Caller.Grant() {
		return a.signOut(v)
	}
	if err := a.People.End(v.Context(), v.Caller, grant); err != nil {
		return err
	}
	return v.Done("/sessions", "sessions.ended")
}

func (a Area) endOthers(v *page.View) error {
	if err := a.People.EndOthers(v.Context(), v.Caller); err != nil {
		return err
	}
	return v.Done("/sessions", "sessions.all-ended")
}
