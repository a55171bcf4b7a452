package operation

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// credentialRow is a secret of another system. docs/guide.md
type credentialRow struct {
	rightsInput

	Account      string   `json:"account"` // contract number; "" = the call's
	Kind         string   `json:"kind"`
	Name         string   `json:"name"`
	Login        string   `json:"login"`
	Group        string   `json:"group"`
	Hash         string   `json:"password_hash"`
	ClientID     string   `json:"client_id"`
	Secret       string   `json:"secret"`
	Dialect      string   `json:"dialect"`
	Type         string   `json:"type"`
	Access       string   `json:"access"`
	RedirectURIs []string `json:"redirect_uris"`
	Owner        string   `json:"owner"` // login of the user that an application acts as
	Expires      Moment   `json:"expires"`
	Allow        []prefix `json:"allow"`
	Description  string   `json:"description"`
	Promised     bool     `json:"promised"` // in a try: the user is in an earlier row
}

var errPrefix = errors.New("allow holds what is no address or network, such as 192.0.2.7 or 192.0.2.0/24")

// prefix is an address or a network.
type prefix struct{ netip.Prefix }

// UnmarshalJSON refuses null in a list, which would be the network of nobody.
func (p *prefix) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return errPrefix
	}
	return p.UnmarshalText([]byte(text))
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *prefix) UnmarshalText(text []byte) error {
	if address, err := netip.ParseAddr(string(text)); err == nil {
		p.Prefix = netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen())
		return nil
	}
	network, err := netip.ParsePrefix(string(text))
	if err != nil || network.Masked() != network {
		return errPrefix
	}
	p.Prefix = network
	return nil
}

// credentialKinds are the words of the column kind, and which columns go with
// each besides those that all have.
func credentialKinds() map[string]struct {
	kind    authority.CredentialKind
	columns string
} {
	type k = struct {
		kind    authority.CredentialKind
		columns string
	}
	return map[string]k{
		"user":                {authority.Password, "name login group roles areas all_areas password_hash"},
		"service_token":       {authority.ServiceToken, "name roles areas all_areas secret expires allow description"},
		"access_key":          {authority.AccessKey, "login client_id secret expires allow description"},
		"application":         {authority.ApplicationSecret, "name roles areas all_areas client_id secret dialect type access redirect_uris owner expires allow description"},
		"authorization_token": {authority.AuthorizationToken, "secret expires allow description"},
	}
}

// applicationTypes are how applications come in; "" = as the dialect has it.
func applicationTypes() []string {
	return []string{"", "trusted", "public", "password_credentials", "oauth"}
}

// said lists the columns that the row fills.
func (r credentialRow) said() []string {
	var out []string
	for name, filled := range map[string]bool{
		"name": r.Name != "", "login": r.Login != "", "group": r.Group != "", "roles": len(r.Roles) > 0,
		"areas": len(r.Areas) > 0, "all_areas": bool(r.AllAreas), "password_hash": r.Hash != "", "client_id": r.ClientID != "",
		"secret": r.Secret != "", "dialect": r.Dialect != "", "type": r.Type != "", "access": r.Access != "",
		"redirect_uris": len(r.RedirectURIs) > 0, "owner": r.Owner != "", "expires": r.Expires != Moment{},
		"allow": len(r.Allow) > 0, "description": r.Description != "",
	} {
		if filled {
			out = append(out, name)
		}
	}
	return out
}

// check gives the kind, and refuses columns that go with another.
func (r credentialRow) check() (authority.CredentialKind, error) {
	k, ok := credentialKinds()[r.Kind]
	if !ok {
		return "", authority.E(authority.InvalidValue, "kind must be user, service_token, access_key, application or authorization_token")
	}
	columns := strings.Fields(k.columns)
	for _, name := range r.said() {
		if !slices.Contains(columns, name) {
			return "", authority.E(authority.InvalidValue, name+" does not go with the kind "+r.Kind+": leave it empty")
		}
	}
	return k.kind, nil
}

// importWorkers is how many rows wait for the writer at once, so that they share
// its commits.
const importWorkers = 32

// importCredentials takes those first whom others may belong to.
func importCredentials(ctx context.Context, t *Table, b batch[credentialRow]) ([]loaded, error) {
	out := make([]loaded, len(b.rows))
	accounts, err := openAccounts(ctx, t, b)
	if err != nil {
		return nil, err
	}
	for _, later := range []bool{false, true} {
		var work sync.WaitGroup
		free := make(chan struct{}, importWorkers)
		for i, row := range b.rows {
			if (row.Kind == "access_key" || row.Owner != "") != later {
				continue
			}
			free <- struct{}{}
			work.Go(func() {
				out[i].added, out[i].err = accounts.load(ctx, row)
				<-free
			})
		}
		work.Wait()
	}
	return out, ctx.Err()
}

// accounts are those that the rows of one call name.
type accounts struct {
	table *Table
	try   bool
	known map[string]accountOf
}

type accountOf struct {
	caller authority.Caller
	rights rights
	err    error
}

func openAccounts(ctx context.Context, t *Table, b batch[credentialRow]) (accounts, error) {
	a := accounts{table: t, try: b.try, known: map[string]accountOf{}}
	for _, row := range b.rows {
		if _, ok := a.known[row.Account]; ok {
			continue
		}
		found := a.open(ctx, b.caller, row.Account)
		if err := fatal(found.err); err != nil {
			return a, err
		}
		a.known[row.Account] = found
	}
	return a, nil
}

func (a accounts) open(ctx context.Context, c authority.Caller, contract string) (found accountOf) {
	found.caller = c
	switch {
	case c.Principal().ID != 0: // somebody with rights of his own: they end at his account
		if contract != "" && contract != c.Account().Contract {
			return accountOf{err: authority.E(authority.InvalidValue, "account is another one than that which you work in: leave it empty")}
		}
	case contract != "" || c.Account().ID == 0:
		account, err := a.table.account(ctx, authority.System(c.Stand(), authority.Account{}, "", reason), contract)
		if err != nil {
			return accountOf{err: authority.E(authority.CodeOf(err), "the account cannot be used: "+said(err))}
		}
		found.caller = authority.System(c.Stand(), account, "", reason)
	}
	found.rights, found.err = readRights(ctx, a.table, found.caller)
	return found
}

func said(err error) string {
	var e *authority.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}

func (a accounts) load(ctx context.Context, row credentialRow) (bool, error) {
	account := a.known[row.Account]
	if account.err != nil {
		return false, account.err
	}
	n, err := a.read(account, row)
	if err != nil {
		return false, err
	}
	added, err := a.table.Admin.ImportCredential(ctx, account.caller, n)
	if a.try && row.Promised && authority.CodeOf(err) == authority.InvalidValue && fieldOf(err) == "login" {
		return true, nil // the row before it was taken back, as every try is
	}
	return added, err
}

func fieldOf(err error) string {
	var e *authority.Error
	if errors.As(err, &e) {
		return e.Fields["field"]
	}
	return ""
}

// read turns a row into what is asked of package admin.
func (a accounts) read(account accountOf, row credentialRow) (n admin.Import, err error) {
	n = admin.Import{
		Name: row.Name, Login: row.Login, Group: row.Group, ClientID: row.ClientID, Dialect: row.Dialect,
		Secret: authority.NewSecret(row.Secret), Description: row.Description, Owner: row.Owner, Expires: row.Expires.at(time.Now()), Try: a.try,
		Traits: authority.Traits{Type: row.Type, Access: row.Access, RedirectURIs: row.RedirectURIs},
	}
	if n.Kind, err = row.check(); err != nil {
		return n, err
	}
	if n.Kind == authority.Password {
		n.Secret = authority.NewSecret(row.Hash)
	}
	if !slices.Contains(applicationTypes(), row.Type) || !slices.Contains([]string{"", "All", "Call API"}, row.Access) {
		return n, authority.E(authority.InvalidValue, "type is trusted, public, password_credentials or oauth, access is All or Call API")
	}
	for _, p := range row.Allow {
		n.Allow = append(n.Allow, p.Prefix)
	}
	if n.Roles, n.Areas, err = row.resolve(account.rights); err != nil {
		return n, authority.E(authority.InvalidValue, "roles or areas name one that the account does not have: create it first")
	}
	return n, nil
}
