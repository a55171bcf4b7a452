package integration

import (
	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

// mine is the area of the applications that the user has registered himself: the
// same screens, with another list and other checks.
func (a Area) mine() Area {
	a.Applications, a.Secrets, a.own = a.Own, a.Own, true
	return a
}

// ownScreens need no permission: admin.Own says who has applications of his own.
func (a Area) ownScreens() []page.Screen {
	screens := append(a.screensOf("", ""), page.Screen{Path: a.list(), Serve: a.listOwn, Menu: &page.Item{
		Section: "profile", Label: "own.title", Icon: "app-window", Order: 20,
		Who: func(c authority.Caller) bool { return a.Own.Changes(c) == nil },
	}})
	for i := range screens {
		screens[i].Home = true
	}
	return screens
}

// list is where the applications are listed.
func (a Area) list() string {
	if a.own {
		return "/profile/applications"
	}
	return "/applications"
}

// at is an application's page.
func (a Area) at(id authority.ID) string { return holder.Path(a.list()+"/", id) }

// changes gives Forbidden to who may not register, or change, an application.
func (a Area) changes(v *page.View) error {
	if a.own {
		return a.Own.Changes(v.Caller)
	}
	return nil // the screen's permission says it
}

// may reports whether the user may change what the page shows.
func (a Area) may(v *page.View) bool {
	if a.own {
		return a.changes(v) == nil
	}
	return v.Can(string(admin.ApplicationsManage))
}

// register leads everybody to where he registers applications.
func (a Area) register(v *page.View) error {
	if v.Can(string(admin.ApplicationsManage)) {
		return v.Redirect(a.list() + "/new")
	}
	return v.Redirect(a.mine().list() + "/new")
}

// ownList is a page of the user's own applications.
type ownList struct {
	listed

	May bool // he may register one more
}

func (a Area) listOwn(v *page.View) error {
	list, err := a.Own.Applications(v.Context(), v.Caller, v.Slice())
	if err != nil {
		return err
	}
	return v.Render("own-applications.html", ownList{listed{list.Items, v.Numbered(len(list.Items), list.Total)}, a.may(v)})
}

// listed is a page of a list.
type listed struct {
	Items []authority.Principal
	Pager page.Pager
}
