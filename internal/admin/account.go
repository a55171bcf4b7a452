package admin

import (
	"context"
	"crypto/rand"
	"math/big"
	"slices"
	"strconv"

	"propusk/internal/authority"
)

// NewAccount asks for an account with its first administrator.
type NewAccount struct {
	Name     string
	Contract string // "" = its number
	Number   int64  // 0 = a random one
	Login    string // the administrator's; "" = an account without users
	FullName string // the administrator's; "" = his login
	Password authority.Secret
	// Owner makes the administrator the owner of the deployment on this stand.
	// Only the command line may.
	Owner    bool
	Disabled bool
	Hosts    []string // names that stand for it; each is free yet
	Default  bool     // makes it the default of the stand
}

// CreatedAccount is a new account. Password is set when it was made up here: it
// is shown this once.
type CreatedAccount struct {
	Account       authority.Account
	Administrator authority.Principal // zero without a login
	Password      authority.Secret
}

// AccountCreation is what the store writes for NewAccount. Conflict is for a
// contract, a number, a login or a host name that is taken.
type AccountCreation struct {
	Account       authority.Account
	Roles         []authority.Role
	Administrator *PrincipalCreation // nil = none
	Hosts         []string
	Default       bool
}

// CreateAccount makes an account on the caller's stand.
func (s *Service) CreateAccount(ctx context.Context, c authority.Caller, n NewAccount) (CreatedAccount, error) {
	if err := holds(c, AccountsManage); err != nil {
		return CreatedAccount{}, err
	}
	if n.Owner && !isSystem(c) {
		return CreatedAccount{}, authority.E(authority.Forbidden, "an owner is made on the command line alone")
	}
	var out CreatedAccount
	var err error
	if n.Name, err = name(n.Name); err != nil {
		return out, err
	}
	if n.Hosts, err = hosts(n.Hosts); err != nil {
		return out, err
	}
	err = fresh(func(id authority.ID) error {
		out, err = s.createAccount(ctx, c, n, id)
		return err
	})
	return out, err
}

func (s *Service) createAccount(ctx context.Context, c authority.Caller, n NewAccount, id authority.ID) (CreatedAccount, error) {
	ch := s.begin(c, act{verb: "account.create", object: "account", id: id})
	ch.Account, ch.Entry.Account = id, id
	ch.Limit = Limit{All: true} // who makes an account gives its administrator all of it
	account, err := numbered(authority.Account{ID: id, Stand: ch.Stand, Name: n.Name, Contract: n.Contract, Number: n.Number, Created: ch.Now, Disabled: n.Disabled})
	if err != nil {
		return CreatedAccount{}, err
	}
	creation := AccountCreation{Account: account, Roles: s.builtin(n.Owner), Hosts: n.Hosts, Default: n.Default}
	out := CreatedAccount{Account: account}
	if n.Login != "" {
		admin, shown, err := s.administrator(ctx, n, creation.Roles)
		if err != nil {
			return out, err
		}
		admin.Principal.Account, admin.Principal.Created = id, ch.Now
		creation.Administrator, out.Administrator, out.Password = &admin, admin.Principal, shown
	}
	return out, s.ports.Accounts.CreateAccount(ctx, ch, creation)
}

// numbered fills the numbers that were not chosen. They are random: a serial
// one would tell how many accounts there are.
func numbered(a authority.Account) (authority.Account, error) {
	if a.Number < 0 || a.Number >= 1<<53 {
		return a, invalid("number", "must be positive and at most 2^53-1")
	}
	if a.Number == 0 {
		n, err := rand.Int(rand.Reader, big.NewInt(9_000_000))
		if err != nil {
			return a, err
		}
		a.Number = 1_000_000 + n.Int64()
	}
	if a.Contract == "" {
		a.Contract = strconv.FormatInt(a.Number, 10)
	}
	var err error
	a.Contract, err = contract(a.Contract)
	return a, err
}

// administrator makes the first user of an account; shown is his password when
// it was made up here.
func (s *Service) administrator(ctx context.Context, n NewAccount, roles []authority.Role) (admin PrincipalCreation, shown authority.Secret, err error) {
	user := NewUser{Login: n.Login, Name: n.FullName, Group: authority.GroupAdministrator, Password: n.Password, Areas: authority.Areas{All: true}}
	if user.Password.Empty() {
		shown = authority.NewSecret(rand.Text())
		user.Password = shown
	}
	for _, r := range roles {
		if r.Name != DeveloperRole {
			user.Roles = append(user.Roles, r.ID)
		}
	}
	admin, err = s.newUser(ctx, user)
	admin.Principal.ID = authority.NewID()
	return admin, shown, err
}

// Account reads an account: the caller's own, or any with AccountsManage. The
// zero id means his own.
func (s *Service) Account(ctx context.Context, c authority.Caller, id authority.ID) (authority.Account, error) {
	own := c.Account().ID
	if id == 0 {
		id = own
	}
	switch {
	case id == own && holds(c, AccountRead, SettingsManage, AccountsManage) != nil:
		return authority.Account{}, forbidden(AccountRead)
	case id != own && !c.Can(AccountsManage):
		return authority.Account{}, noAccount()
	}
	return s.ports.Accounts.Account(ctx, c.Stand(), id)
}

// AccountByContract finds an account of the caller's stand, for whoever holds
// AccountsManage.
func (s *Service) AccountByContract(ctx context.Context, c authority.Caller, contract string) (authority.Account, error) {
	if err := holds(c, AccountsManage); err != nil {
		return authority.Account{}, err
	}
	return s.ports.Accounts.AccountByContract(ctx, c.Stand(), contract)
}

// Accounts lists the accounts of the caller's stand.
func (s *Service) Accounts(ctx context.Context, c authority.Caller, p Page) (List[authority.Account], error) {
	if err := holds(c, AccountsManage); err != nil {
		return List[authority.Account]{}, err
	}
	p, err := p.check()
	if err != nil {
		return List[authority.Account]{}, err
	}
	return s.ports.Accounts.Accounts(ctx, c.Stand(), p)
}

func noAccount() error { return authority.E(authority.NotFound, "no such account") }

// AccountEdit changes an account. A nil field stays as it is.
type AccountEdit struct {
	Name     *string
	Disabled *bool
	Settings *SettingsPatch
}

// Apply gives the account as the edit leaves it.
func (e AccountEdit) Apply(a authority.Account) authority.Account {
	if e.Name != nil {
		a.Name = *e.Name
	}
	if e.Disabled != nil {
		a.Disabled = *e.Disabled
	}
	if e.Settings != nil {
		a.Settings = e.Settings.apply(a.Settings)
	}
	return a
}

// RenameAccount gives an account another name.
func (s *Service) RenameAccount(ctx context.Context, c authority.Caller, id authority.ID, to string) (authority.Account, error) {
	to, err := name(to)
	if err != nil {
		return authority.Account{}, err
	}
	return s.changeAccount(ctx, c, act{AccountsManage, "account.change", "account", id}, AccountEdit{Name: &to})
}

// DisableAccount refuses everything that was issued in the account, and every
// sign-in, until EnableAccount. What was issued before stays refused then.
func (s *Service) DisableAccount(ctx context.Context, c authority.Caller, id authority.ID) (authority.Account, error) {
	if id == c.Account().ID && !isSystem(c) {
		return authority.Account{}, authority.E(authority.Conflict, "you cannot disable your own account")
	}
	yes := true
	return s.changeAccount(ctx, c, act{AccountsManage, "account.disable", "account", id}, AccountEdit{Disabled: &yes})
}

// EnableAccount lets the account in again.
func (s *Service) EnableAccount(ctx context.Context, c authority.Caller, id authority.ID) (authority.Account, error) {
	no := false
	return s.changeAccount(ctx, c, act{AccountsManage, "account.enable", "account", id}, AccountEdit{Disabled: &no})
}

func (s *Service) changeAccount(ctx context.Context, c authority.Caller, a act, edit AccountEdit) (authority.Account, error) {
	if err := holds(c, a.permission); err != nil {
		return authority.Account{}, err
	}
	ch := s.begin(c, a)
	ch.Account, ch.Entry.Account = a.id, a.id
	return s.ports.Accounts.ChangeAccount(ctx, ch, edit)
}

// DeleteAccount takes a disabled account and all that lies in it away. Nothing
// of it is reachable under a later account of the same contract.
func (s *Service) DeleteAccount(ctx context.Context, c authority.Caller, id authority.ID) error {
	if err := holds(c, AccountsManage); err != nil {
		return err
	}
	if id == c.Account().ID && !isSystem(c) {
		return authority.E(authority.Conflict, "you cannot delete your own account")
	}
	ch := s.begin(c, act{verb: "account.delete", object: "account", id: id})
	ch.Account, ch.Entry.Account = id, id
	return s.ports.Accounts.DeleteAccount(ctx, ch)
}

// has reports whether name is a dialect of the deployment.
func (s *Service) has(dialect string) bool {
	return slices.ContainsFunc(s.dialects, func(d Dialect) bool { return d.Name == dialect })
}
