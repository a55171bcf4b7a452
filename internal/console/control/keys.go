package control

import (
	"slices"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

func (a Area) keyScreens() []page.Screen {
	const list, turn = "/signing-keys", "/signing-keys/{dialect}/rotate"
	return []page.Screen{
		{
			Path: list, May: admin.AccountRead, Home: true, Serve: a.signingKeys,
			Menu: &page.Item{Section: "control", Label: "signing.title", Icon: "file-key-2", Order: 60},
		},
		{Path: turn, May: admin.AccountsManage, Home: true, Serve: a.rotating},
		{Method: post, Path: turn, May: admin.AccountsManage, Home: true, Audit: "signing_key.rotate", Fields: []string{"leaked"}, Serve: a.rotate},
	}
}

// ring is the keys of one dialect.
type ring struct {
	Dialect string
	Keys    []admin.SigningKey
}

// rings reads the keys by dialect.
func (a Area) rings(v *page.View) (out []ring, err error) {
	keys, err := a.Keys.SigningKeys(v.Context(), v.Caller)
	for _, k := range keys {
		i := slices.IndexFunc(out, func(r ring) bool { return r.Dialect == k.Dialect })
		if i < 0 {
			i = len(out)
			out = append(out, ring{Dialect: k.Dialect})
		}
		out[i].Keys = append(out[i].Keys, k)
	}
	return out, err
}

func (a Area) signingKeys(v *page.View) error {
	out, err := a.rings(v)
	if err != nil {
		return err
	}
	return v.Render("signing-keys.html", out)
}

// rotation is what the page before a rotation shows.
type rotation struct {
	Ring   ring
	Leaked string            // the key that has leaked; "" = none has
	Effect admin.GrantEffect // of its end in the user's own account
}

func (a Area) turning(v *page.View, leaked string) (rotation, error) {
	list, err := a.rings(v)
	if err != nil {
		return rotation{}, err
	}
	i := slices.IndexFunc(list, func(r ring) bool { return r.Dialect == v.Value("dialect") })
	if i < 0 {
		return rotation{}, authority.E(authority.NotFound, "no such dialect")
	}
	out := rotation{Ring: list[i], Leaked: leaked}
	if leaked != "" {
		out.Effect, err = a.Inside.GrantEffect(v.Context(), v.Caller, admin.GrantQuery{Dialect: out.Ring.Dialect})
	}
	return out, err
}

func (a Area) rotating(v *page.View) error {
	out, err := a.turning(v, v.Query("leaked"))
	if err != nil {
		return err
	}
	return v.Render("signing-key-rotate.html", out)
}

func (a Area) rotate(v *page.View) error {
	sent := v.Sent()
	out, err := a.turning(v, sent.Get("leaked"))
	if err != nil {
		return err
	}
	k, err := a.turn(v, out)
	if err != nil {
		return v.Again("signing-key-rotate.html", out, err)
	}
	return v.Done("/signing-keys", "signing.rotated", v.Name("dialect", out.Ring.Dialect), k.ID)
}

// turn has another key sign, or ends the one that has leaked.
func (a Area) turn(v *page.View, r rotation) (admin.SigningKey, error) {
	if r.Leaked != "" {
		return a.Keys.EndSigningKey(v.Context(), v.Caller, r.Ring.Dialect, r.Leaked)
	}
	return a.Keys.RotateSigningKey(v.Context(), v.Caller, r.Ring.Dialect)
}
