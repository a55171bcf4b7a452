package integration

import (
	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

// wanting is the form that makes a secret, and what its former ones do today.
type wanting struct {
	authority.Principal

	Overlaps []page.Option
	Secrets  []holder.Secret
	At       string // an application's page
}

func (a Area) wanting(v *page.View, p authority.Principal, kind authority.CredentialKind) (wanting, error) {
	secrets, err := holder.Secrets(v, a.Secrets, p.ID, kind)
	if err != nil || len(secrets) == 0 {
		return wanting{Principal: p}, err
	}
	overlaps, err := holder.Overlaps(v)
	return wanting{Principal: p, Overlaps: overlaps, Secrets: secrets}, err
}

func (a Area) newServiceToken(v *page.View) error {
	p, err := a.findServiceUser(v)
	if err != nil {
		return err
	}
	data, err := a.wanting(v, p, authority.ServiceToken)
	if err != nil {
		return err
	}
	return v.Render("service-token-form.html", data)
}

// made is a new secret on the page that shows it this once.
type made struct {
	authority.Principal
	admin.NewSecret

	At string // an application's page
}

func (a Area) generateServiceToken(v *page.View) error {
	p, err := a.findServiceUser(v)
	if err != nil {
		return err
	}
	sent, err := v.Sent()
	if err != nil {
		return err
	}
	var secret admin.NewSecret
	g, err := holder.Wanted(v, sent, p.ID)
	if err == nil {
		secret, err = a.ServiceUsers.GenerateServiceToken(v.Context(), v.Caller, g)
	}
	if err == nil {
		return v.Render("service-token-made.html", made{Principal: p, NewSecret: secret})
	}
	data, failed := a.wanting(v, p, authority.ServiceToken)
	if failed != nil {
		return failed
	}
	return v.Again("service-token-form.html", data, err)
}

func (a Area) endingServiceToken(v *page.View) error {
	p, err := a.findServiceUser(v)
	if err != nil {
		return err
	}
	secret, err := holder.Find(v, a.Secrets, p.ID)
	if err != nil {
		return err
	}
	return v.Render("service-token-revoke.html", ending{Principal: p, Secret: secret, Tokens: secret.Tokens})
}

func (a Area) endServiceToken(v *page.View) error {
	p, err := a.findServiceUser(v)
	if err != nil {
		return err
	}
	return a.endSecret(v, p, holder.Path("/service-users/", p.ID))
}

func (a Area) endSecret(v *page.View, p authority.Principal, to string) error {
	secret, err := holder.Find(v, a.Secrets, p.ID)
	if err != nil {
		return err
	}
	if err := a.Secrets.RevokeCredential(v.Context(), v.Caller, secret.ID); err != nil {
		return err
	}
	return v.Done(to, "secret.revoked")
}
