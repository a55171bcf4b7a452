package people

import (
	"net/http"
	"slices"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

func (a Area) doorScreens() []page.Screen {
	const path, one = "/users/authorization", "/authorization/{dialect}"
	const read, may = admin.AccountRead, admin.SettingsManage
	return []page.Screen{
		{Path: path, May: read, Serve: a.authorization},
		{Path: "/authorization/off", May: may, Serve: a.confirmOff},
		{Method: http.MethodPost, Path: one, May: may, Audit: "settings.change", Fields: []string{"state"}, Serve: a.switchAuthorization},
		{Method: http.MethodPost, Path: one + "/doors/{door}", May: may, Audit: "settings.change", Fields: []string{"state"}, Serve: a.switchDoor},
	}
}

// guarded is how a dialect lets people of the account in.
type guarded struct {
	Dialect string
	Guests  bool // its authorization can be switched off
	Off     bool // and it is
	Doors   []door
}

// door is a way in that the account can shut.
type door struct {
	Name string
	Shut bool
}

// unguarded lists the dialects whose authorization is off.
func (a Area) unguarded(v *page.View) (names []string) {
	for _, g := range a.guarded(v.Account().Settings) {
		if g.Off {
			names = append(names, g.Dialect)
		}
	}
	return names
}

func (a Area) guarded(s authority.Settings) (out []guarded) {
	for _, d := range a.Doors.Dialects() {
		if !d.Guests && len(d.Doors) == 0 {
			continue
		}
		g := guarded{Dialect: d.Name, Guests: d.Guests, Off: s.Guest[d.Name]}
		for _, name := range d.Doors {
			g.Doors = append(g.Doors, door{name, slices.Contains(s.DoorsOff[d.Name], name)})
		}
		out = append(out, g)
	}
	return out
}

// ways is the page of the ways in.
type ways struct {
	Guarded []guarded
	Uses    []admin.DoorUse
	Pager   page.Pager
	Off     []string
}

func (a Area) authorization(v *page.View) error {
	uses, err := a.Doors.DoorUses(v.Context(), v.Caller, v.Slice())
	if err != nil {
		return err
	}
	return v.Render("authorization.html", ways{
		a.guarded(v.Account().Settings), uses.Items, v.Numbered(len(uses.Items), uses.Total), a.unguarded(v),
	})
}

// dialect finds one; NotFound for what is none.
func (a Area) dialect(v *page.View, name string) (guarded, error) {
	for _, g := range a.guarded(v.Account().Settings) {
		if g.Dialect == name {
			return g, nil
		}
	}
	return guarded{}, authority.E(authority.NotFound, "no such dialect")
}

func (a Area) confirmOff(v *page.View) error {
	g, err := a.dialect(v, v.Query("dialect"))
	if err != nil {
		return err
	}
	if !g.Guests {
		return authority.E(authority.NotFound, "its authorization cannot be switched off")
	}
	return v.Render("authorization-off.html", g)
}

func (a Area) switchAuthorization(v *page.View) error {
	g, off, err := a.asked(v)
	if err != nil {
		return err
	}
	_, err = a.Doors.ChangeSettings(v.Context(), v.Caller, admin.SettingsPatch{Guest: map[string]bool{g.Dialect: off}})
	if err != nil {
		return err
	}
	if off {
		return v.Done("/users/authorization", "doors.unguarded")
	}
	return v.Done("/users/authorization", "doors.guarded")
}

// asked reads which dialect a switch is about, and which way it goes.
func (a Area) asked(v *page.View) (g guarded, off bool, err error) {
	if g, err = a.dialect(v, v.Value("dialect")); err != nil {
		return g, false, err
	}
	off, err = holder.Off(v)
	return g, off, err
}

func (a Area) switchDoor(v *page.View) error {
	g, off, err := a.asked(v)
	if err != nil {
		return err
	}
	name := v.Value("door")
	if !slices.ContainsFunc(g.Doors, func(d door) bool { return d.Name == name }) {
		return authority.E(authority.NotFound, "no such way in")
	}
	var shut []string
	for _, d := range g.Doors {
		if d.Name == name && off || d.Name != name && d.Shut {
			shut = append(shut, d.Name)
		}
	}
	_, err = a.Doors.ChangeSettings(v.Context(), v.Caller, admin.SettingsPatch{DoorsOff: map[string][]string{g.Dialect: shut}})
	if err != nil {
		return err
	}
	if off {
		return v.Done("/users/authorization", "doors.shut")
	}
	return v.Done("/users/authorization", "doors.opened")
}
