package page

import "propusk/internal/authority"

// Who is somebody, with the page that tells of him. The zero Who is nobody.
type Who struct {
	ID   authority.ID
	Kind authority.PrincipalKind // "" = he is gone
	Name string
	URL  string // "" = the user may not open it

	Outside bool // of another account: the deployment's owner
}

// Word is what he is, for files; "principal" for one who is gone.
func (w Who) Word() string {
	if w.Kind == "" {
		return "principal"
	}
	return string(w.Kind)
}

// Who makes a Who of p. It leads to his page where the user may open it.
func (v *View) Who(p authority.Principal) Who {
	if p.Account != 0 && p.Account != v.Account().ID {
		return Who{ID: p.ID, Kind: p.Kind, Name: p.Name, Outside: true}
	}
	return Who{ID: p.ID, Kind: p.Kind, Name: p.Name, URL: v.Find(p.Kind, p.ID)}
}

// Find is the address of the page that tells of somebody; "" where the user may
// open none.
func (v *View) Find(kind authority.PrincipalKind, id authority.ID) string {
	switch kind {
	case authority.User:
		return v.Link("/users/%d", id)
	case authority.ServiceUser:
		return v.Link("/service-users/%d", id)
	case authority.Application:
		return v.Link("/applications/%d", id)
	case authority.Integration:
		return v.Link("/integration-api")
	}
	return ""
}
