package admin

import (
	"context"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// Hosts keeps which account a request without a credential is about.
type Hosts interface {
	// Hosts lists the names bound to an account.
	Hosts(ctx context.Context, stand authority.Stand, account authority.ID) ([]string, error)
	// BindHost binds a name to ch.Account. Conflict when another has it.
	BindHost(ctx context.Context, ch Change, host string) error
	// UnbindHost frees a name of ch.Account.
	UnbindHost(ctx context.Context, ch Change, host string) error
	// DefaultAccount is the default of the stand; 0 = none was made yet.
	DefaultAccount(ctx context.Context, stand authority.Stand) (authority.ID, error)
	// SetDefaultAccount makes ch.Account the default of the stand.
	SetDefaultAccount(ctx context.Context, ch Change) error
}

// Hosts lists the host names that are bound to an account; the zero id means
// the caller's own.
func (s *Service) Hosts(ctx context.Context, c authority.Caller, account authority.ID) ([]string, error) {
	a, err := s.Account(ctx, c, account)
	if err != nil {
		return nil, err
	}
	return s.ports.Hosts.Hosts(ctx, c.Stand(), a.ID)
}

// BindHost has a host name stand for an account wherever a request shows no
// credential. Names belong to the deployment: its owner gives them out.
func (s *Service) BindHost(ctx context.Context, c authority.Caller, account authority.ID, host string) error {
	ch, name, err := s.hostChange(c, "host.bind", account, host)
	if err != nil {
		return err
	}
	return s.ports.Hosts.BindHost(ctx, ch, name)
}

// UnbindHost takes a host name back.
func (s *Service) UnbindHost(ctx context.Context, c authority.Caller, account authority.ID, host string) error {
	ch, name, err := s.hostChange(c, "host.unbind", account, host)
	if err != nil {
		return err
	}
	return s.ports.Hosts.UnbindHost(ctx, ch, name)
}

// IsDefault reports whether requests that name no account are about this one;
// the zero id means the caller's own.
func (s *Service) IsDefault(ctx context.Context, c authority.Caller, account authority.ID) (bool, error) {
	a, err := s.Account(ctx, c, account)
	if err != nil {
		return false, err
	}
	id, err := s.ports.Hosts.DefaultAccount(ctx, c.Stand())
	return id == a.ID, err
}

// SetDefaultAccount makes an account the one that requests are about which name
// none. Until then it is the first that was made.
func (s *Service) SetDefaultAccount(ctx context.Context, c authority.Caller, account authority.ID) error {
	if err := holds(c, AccountsManage); err != nil {
		return err
	}
	ch := s.begin(c, act{verb: "account.default", object: "account", id: account})
	ch.Account, ch.Entry.Account = account, account
	return s.ports.Hosts.SetDefaultAccount(ctx, ch)
}

func (s *Service) hostChange(c authority.Caller, verb string, account authority.ID, host string) (Change, string, error) {
	if err := holds(c, AccountsManage); err != nil {
		return Change{}, "", err
	}
	name, err := hostName(host)
	if err != nil {
		return Change{}, "", err
	}
	ch := s.begin(c, act{verb: verb, object: "account", id: account})
	ch.Account, ch.Entry.Account = account, account
	return ch, name, nil
}

func hostName(host string) (string, error) {
	name, ok := authority.HostName(host)
	if !ok || name != spelling.Fold(host) {
		return "", invalid("host", "must be a host name without a port, such as api.example.com")
	}
	return name, nil
}

// hosts checks the names of a new account; the same one twice counts once.
func hosts(list []string) ([]string, error) {
	out := make([]string, len(list))
	for i, host := range list {
		var err error
		if out[i], err = hostName(host); err != nil {
			return nil, err
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
