package integration

import (
	"context"
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

// program is a kind of principal that acts by itself, with secrets of one kind:
// what the screens of service users and of applications have in common. Its
// templates are file-disable.html, file-delete.html, secretFile-form.html,
// secretFile-made.html and secretFile-revoke.html.
type program struct {
	secrets Secrets
	list    string               // where they are listed
	may     authority.Permission // to change them; "" = whoever has some of his own

	file  string // their templates begin with it
	words string // their messages begin with it
	verb  string // their audit verbs begin with it

	kind                               authority.CredentialKind
	secretFile, secretPath, secretVerb string

	load   func(ctx context.Context, c authority.Caller, id authority.ID) (authority.Principal, error)
	change func(ctx context.Context, c authority.Caller, e admin.PrincipalEdit) (authority.Principal, error)
	end    func(ctx context.Context, c authority.Caller, id authority.ID) error
	make   func(ctx context.Context, c authority.Caller, g admin.Generate) (admin.NewSecret, error)
}

// screens are those that switch one off and on, take it away, and make and end
// its secrets.
func (k program) screens() []page.Screen {
	one := k.list + "/{id}"
	secret, revoke := one+k.secretPath, one+"/secrets/{secret}/revoke"
	return []page.Screen{
		{Method: http.MethodPost, Path: one + "/state", May: k.may, Audit: k.verb + ".change", Fields: []string{"state"}, Serve: k.toggle},
		{Path: one + "/disable", May: k.may, Serve: k.disabling},
		{Path: one + "/delete", May: k.may, Serve: k.deleting},
		{Method: http.MethodPost, Path: one + "/delete", May: k.may, Audit: k.verb + ".delete", Serve: k.delete},
		{Path: secret, May: k.may, Fresh: true, Serve: k.newSecret},
		{Method: http.MethodPost, Path: secret, May: k.may, Audit: k.secretVerb + ".generate", Fresh: true, Fields: holder.ReplacingFields(), Serve: k.makeSecret},
		{Path: revoke, May: k.may, Serve: k.endingSecret},
		{Method: http.MethodPost, Path: revoke, May: k.may, Audit: "credential.revoke", Serve: k.endSecret},
	}
}

// at is the page of one of them.
func (k program) at(id authority.ID) string { return holder.Path(k.list+"/", id) }

// find reads the one of the address.
func (k program) find(v *page.View) (authority.Principal, error) {
	id, err := v.ID("id")
	if err != nil {
		return authority.Principal{}, err
	}
	return k.load(v.Context(), v.Caller, id)
}

// ending is what a page shows before something ends.
type ending struct {
	authority.Principal

	Secret holder.Secret // zero where the holder as a whole ends
	Tokens holder.Tokens
	At     string // the page of the holder
}

func (k program) disabling(v *page.View) error { return k.preview(v, k.file+"-disable.html") }

func (k program) deleting(v *page.View) error { return k.preview(v, k.file+"-delete.html") }

// preview shows the tokens that end with the holder.
func (k program) preview(v *page.View, file string) error {
	p, err := k.find(v)
	if err != nil {
		return err
	}
	tokens, err := holder.LiveTokens(v, k.secrets, admin.GrantQuery{Principal: p.ID})
	if err != nil {
		return err
	}
	return v.Render(file, ending{Principal: p, Tokens: tokens, At: k.at(p.ID)})
}

func (k program) toggle(v *page.View) error {
	id, off, err := holder.Switched(v)
	if err != nil {
		return err
	}
	p, err := k.change(v.Context(), v.Caller, admin.PrincipalEdit{ID: id, Disabled: &off})
	if err != nil {
		return err
	}
	if off {
		return v.Done(k.at(id), k.words+".disabled", p.Name)
	}
	return v.Done(k.at(id), k.words+".enabled", p.Name)
}

func (k program) delete(v *page.View) error {
	p, err := k.find(v)
	if err != nil {
		return err
	}
	if err := k.end(v.Context(), v.Caller, p.ID); err != nil {
		return err
	}
	return v.Done(k.list, k.words+".deleted", p.Name)
}

// wanting is the form that makes a secret, and what its former ones do today.
type wanting struct {
	authority.Principal

	Overlaps []page.Option
	Secrets  []holder.Secret
	At       string // the page of the holder
}

func (k program) wanting(v *page.View, p authority.Principal) (wanting, error) {
	out := wanting{Principal: p, At: k.at(p.ID)}
	var err error
	if out.Secrets, err = holder.Secrets(v, k.secrets, p.ID, k.kind); err != nil || len(out.Secrets) == 0 {
		return out, err
	}
	out.Overlaps, err = holder.Overlaps(v)
	return out, err
}

func (k program) newSecret(v *page.View) error {
	p, err := k.find(v)
	if err != nil {
		return err
	}
	data, err := k.wanting(v, p)
	if err != nil {
		return err
	}
	return v.Render(k.secretFile+"-form.html", data)
}

// made is a new secret on the page that shows it this once.
type made struct {
	authority.Principal
	admin.NewSecret

	At string // the page of the holder
}

func (k program) makeSecret(v *page.View) error {
	p, err := k.find(v)
	if err != nil {
		return err
	}
	sent := v.Sent()
	var secret admin.NewSecret
	g, err := holder.Wanted(v, sent, p.ID)
	if err == nil {
		secret, err = k.make(v.Context(), v.Caller, g)
	}
	if err == nil {
		return v.Render(k.secretFile+"-made.html", made{p, secret, k.at(p.ID)})
	}
	data, failed := k.wanting(v, p)
	if failed != nil {
		return failed
	}
	return v.Again(k.secretFile+"-form.html", data, err)
}

// secret reads the holder and the secret of the address.
func (k program) secret(v *page.View) (authority.Principal, holder.Secret, error) {
	p, err := k.find(v)
	if err != nil {
		return p, holder.Secret{}, err
	}
	secret, err := holder.Find(v, k.secrets, p.ID)
	return p, secret, err
}

func (k program) endingSecret(v *page.View) error {
	p, secret, err := k.secret(v)
	if err != nil {
		return err
	}
	return v.Render(k.secretFile+"-revoke.html", ending{p, secret, secret.Tokens, k.at(p.ID)})
}

func (k program) endSecret(v *page.View) error {
	p, secret, err := k.secret(v)
	if err != nil {
		return err
	}
	if err := k.secrets.RevokeCredential(v.Context(), v.Caller, secret.ID); err != nil {
		return err
	}
	return v.Done(k.at(p.ID), "secret.revoked")
}
