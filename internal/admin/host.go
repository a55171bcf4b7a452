package admin

import (
	"context"
	"net/netip"
	"slices"
	"strings"

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
	ch, err := s.hostChange(c, "host.bind", account)
	if err != nil {
		return err
	}
	name, err := hostName(host)
	if err != nil {
		return err
	}
	return s.ports.Hosts.BindHost(ctx, ch, name)
}

// UnbindHost takes a host name back, also one that BindHost would not take any
// more.
func (s *Service) UnbindHost(ctx context.Context, c authority.Caller, account authority.ID, host string) error {
	ch, err := s.hostChange(c, "host.unbind", account)
	if err != nil {
		return err
	}
	name, ok := authority.HostName(host)
	if !ok {
		return invalid("host", "is not bound to the account")
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

func (s *Service) hostChange(c authority.Caller, verb string, account authority.ID) (Change, error) {
	if err := holds(c, AccountsManage); err != nil {
		return Change{}, err
	}
	ch := s.begin(c, act{verb: verb, object: "account", id: account})
	ch.Account, ch.Entry.Account = account, account
	return ch, nil
}

// hostName brings a name into the form that requests have it in: lower case, and
// letters beyond ASCII as DNS has them. Addresses, and the name by which every
// machine calls itself, stand for nobody.
func hostName(host string) (string, error) {
	ascii, err := spelling.HostForm().ToASCII(host)
	name, known := authority.HostName(ascii)
	_, notAddress := netip.ParseAddr(strings.Trim(name, "[]"))
	if err != nil || !known || name != ascii || notAddress == nil || name == "localhost" || strings.HasSuffix(name, ".localhost") ||
		strings.ContainsRune(name, ':') || slices.ContainsFunc(strings.Split(name, "."), badLabel) {
		return "", invalid("host", "must be a host name without a port, such as api.example.com")
	}
	return name, nil
}

// ShowHost writes a host name with the letters that its labels stand for.
func ShowHost(host string) string {
	shown, err := spelling.HostForm().ToUnicode(host)
	if err != nil {
		return host
	}
	return shown
}

// badLabel reports what cannot stand between the dots of a name. RFC 1123 §2.1.
func badLabel(label string) bool {
	return label == "" || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-")
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
