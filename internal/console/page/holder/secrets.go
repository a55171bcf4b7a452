package holder

import (
	"context"
	"net/url"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

// Holdings tells what secrets somebody has and who holds tokens that were made
// from them; *admin.Service does.
type Holdings interface {
	Credentials(ctx context.Context, c authority.Caller, principal authority.ID) ([]admin.Credential, error)
	GrantEffect(ctx context.Context, c authority.Caller, q admin.GrantQuery) (admin.GrantEffect, error)
}

// Secret is one that is not revoked, with the tokens that live of it.
type Secret struct {
	admin.Credential

	Tokens Tokens
}

// Tokens are living ones, the last used first, and how many there are. Unseen
// says that the user may not see them.
type Tokens struct {
	admin.GrantEffect

	Unseen bool
}

// LiveTokens finds living tokens.
func LiveTokens(v *page.View, h Holdings, q admin.GrantQuery) (Tokens, error) {
	effect, err := h.GrantEffect(v.Context(), v.Caller, q)
	return Tokens{effect, authority.CodeOf(err) == authority.Forbidden}, Unseen(err)
}

// Secrets lists those of a kind that somebody has, newest first.
func Secrets(v *page.View, h Holdings, principal authority.ID, kind authority.CredentialKind) ([]Secret, error) {
	list, err := h.Credentials(v.Context(), v.Caller, principal)
	if err != nil {
		return nil, err
	}
	var out []Secret
	for _, c := range list {
		if c.Kind != kind || c.Revoked {
			continue
		}
		tokens, err := LiveTokens(v, h, admin.GrantQuery{Credential: c.ID})
		if err != nil {
			return nil, err
		}
		out = append(out, Secret{c, tokens})
	}
	return out, nil
}

// Find gives one of somebody's secrets; NotFound for any other, and for one that
// is revoked.
func Find(v *page.View, h Holdings, principal authority.ID) (Secret, error) {
	id, err := v.ID("secret")
	if err != nil {
		return Secret{}, err
	}
	list, err := h.Credentials(v.Context(), v.Caller, principal)
	if err != nil {
		return Secret{}, err
	}
	for _, c := range list {
		if c.ID == id && !c.Revoked && c.Kind != authority.Password {
			tokens, err := LiveTokens(v, h, admin.GrantQuery{Credential: id})
			return Secret{c, tokens}, err
		}
	}
	return Secret{}, authority.E(authority.NotFound, "no such secret")
}

// Names of the fields of forms that make a secret.
const (
	descriptionField = "description"
	expiresField     = "expires"
	overlapField     = "overlap"
)

// WantedFields names the fields of a secret that is made beside others.
func WantedFields() []string { return []string{descriptionField, expiresField} }

// ReplacingFields names those of a secret that takes the place of another.
func ReplacingFields() []string { return append(WantedFields(), overlapField) }

// Wanted reads what a form wants of a new secret of principal.
func Wanted(v *page.View, sent url.Values, principal authority.ID) (admin.Generate, error) {
	g := admin.Generate{Principal: principal, Description: sent.Get(descriptionField)}
	var err error
	if g.Expires, err = Expires(v, sent); err != nil {
		return g, err
	}
	if text := sent.Get(overlapField); text != "" {
		if g.Overlap, err = time.ParseDuration(text); err != nil {
			return g, authority.E(authority.InvalidValue, "choose how long the former one works on").With("field", overlapField)
		}
	}
	return g, nil
}

// Expires reads a day; a secret lives to its end in the account's zone. The zero
// time is for none.
func Expires(v *page.View, sent url.Values) (time.Time, error) {
	text := sent.Get(expiresField)
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, v.Zone())
	if err != nil || day.Year() > 9998 {
		return time.Time{}, authority.E(authority.InvalidValue, "choose a day").With("field", expiresField)
	}
	return day.AddDate(0, 0, 1).Add(-time.Second), nil
}

// Overlaps are the choices of how long the former secret works on.
func Overlaps(v *page.View) ([]page.Option, error) {
	var out []page.Option
	for _, o := range []struct {
		name string
		span time.Duration
	}{{"none", 0}, {"hour", time.Hour}, {"day", 24 * time.Hour}, {"days", 3 * 24 * time.Hour}, {"week", admin.MaxOverlap}} {
		label, err := v.T("overlap." + o.name)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Option{Value: o.span, Label: label})
	}
	return out, nil
}

// Path is the page of one of a list.
func Path(list string, id authority.ID) string { return list + page.Text(id) }

// Switched reads a form whose button switches somebody off, or on again.
func Switched(v *page.View) (id authority.ID, off bool, err error) {
	if id, err = v.ID("id"); err != nil {
		return 0, false, err
	}
	off, err = Off(v)
	return id, off, err
}

// Off reads which way a switch goes.
func Off(v *page.View) (bool, error) {
	switch v.Sent().Get("state") {
	case "off":
		return true, nil
	case "on":
		return false, nil
	}
	return false, authority.E(authority.InvalidRequest, "the form says neither on nor off").With("field", "state")
}
