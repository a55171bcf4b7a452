package demo

import (
	"context"
	"maps"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// listed is how many of each kind are read at once.
const listed = 1000

// census is who there is in an account now, whatever somebody who tried the
// product has done to its names.
type census struct {
	account  *Account
	users    map[authority.ID]authority.Principal
	machines map[authority.ID]authority.Principal
	programs map[authority.ID]authority.Principal
	clients  map[string]authority.ID // who has or had a client id
}

// taken reads it.
func taken(ctx context.Context, a *admin.Service, c authority.Caller, account *Account) (*census, error) {
	out := &census{account: account, clients: map[string]authority.ID{}}
	for _, kind := range []struct {
		list func(context.Context, authority.Caller, admin.Page) (admin.List[authority.Principal], error)
		to   *map[authority.ID]authority.Principal
	}{
		{a.Users, &out.users}, {a.ServiceUsers, &out.machines}, {a.Applications, &out.programs},
	} {
		found := map[authority.ID]authority.Principal{}
		*kind.to = found
		for more := true; more; {
			page, err := kind.list(ctx, c, admin.Page{Offset: len(found), Size: listed})
			if err != nil {
				return nil, err
			}
			for _, p := range page.Items {
				found[p.ID] = p
			}
			more = len(page.Items) == listed
		}
	}
	return out, out.credentials(ctx, a, c)
}

// credentials notes whose the client ids are: they stay when a name changes, and
// when a key is revoked.
func (s *census) credentials(ctx context.Context, a *admin.Service, c authority.Caller) error {
	holders := maps.Clone(s.users)
	maps.Copy(holders, s.programs)
	for id := range holders {
		list, err := a.Credentials(ctx, c, id)
		if err != nil {
			return err
		}
		for _, k := range list {
			if k.ClientID != "" {
				s.clients[k.ClientID] = id
			}
		}
	}
	return nil
}

// known is what the kept state says of a user: the surest first.
type known struct {
	id       authority.ID
	clientID string // of an access key
	login    string
}

func (s *census) user(k known) (authority.Principal, bool) {
	if p, ok := s.users[k.id]; ok {
		return p, true
	}
	if p, ok := s.users[s.clients[k.clientID]]; ok {
		return p, true
	}
	for _, p := range s.users {
		if p.Login == k.login {
			return p, true
		}
	}
	return authority.Principal{}, false
}

func (s *census) application(name, clientID string) (authority.Principal, bool) {
	if p, ok := s.programs[s.clients[clientID]]; ok {
		return p, true
	}
	return named(s.programs, name)
}

func (s *census) machine(m machine) (authority.ID, bool) {
	if p, ok := s.machines[*m.id]; ok {
		return p.ID, true
	}
	p, ok := named(s.machines, m.name)
	return p.ID, ok
}

func named(list map[authority.ID]authority.Principal, name string) (authority.Principal, bool) {
	for _, p := range list {
		if p.Name == name {
			return p, true
		}
	}
	return authority.Principal{}, false
}

func (a *Account) human(h human) known {
	return known{a.Holders[h.login], h.key.ClientID, h.login}
}

func (a *Account) storekeeper(p storekeeper) known {
	return known{id: a.Holders[p.login], login: p.pair.Username}
}

// Remember notes in f the ids of those whom it knows by their logins alone.
func Remember(ctx context.Context, a *admin.Service, f *Fixture) error {
	var jobs []func() error
	for _, stand := range authority.Stands() {
		for i := range f.On(stand) {
			account := &f.On(stand)[i]
			jobs = append(jobs, func() error { return account.remember(ctx, a, f.owner(stand, i)) })
		}
	}
	return together(jobs)
}

func (a *Account) remember(ctx context.Context, s *admin.Service, o *Owner) error {
	people, keepers := humans(a, o), storekeepers(&a.Smarts)
	if len(a.Holders) >= len(people)+len(keepers) {
		return nil
	}
	c, err := callerOf(ctx, s, a)
	if authority.CodeOf(err) == authority.NotFound {
		return nil // deleted since
	}
	if err != nil {
		return err
	}
	there, err := taken(ctx, s, c, a)
	if err != nil {
		return err
	}
	holders := map[string]authority.ID{}
	for _, h := range people {
		if p, ok := there.user(a.human(h)); ok {
			holders[h.login] = p.ID
		}
	}
	for _, p := range keepers {
		if found, ok := there.user(a.storekeeper(p)); ok {
			holders[p.login] = found.ID
		}
	}
	a.Holders = holders
	return nil
}
