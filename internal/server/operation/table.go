package operation

import (
	"context"
	"encoding/json"
	"slices"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/catalog"
	"propusk/internal/tasks"
)

// Call asks for one operation.
type Call struct {
	Operation string          `json:"operation"`
	Stand     authority.Stand `json:"stand"`
	Account   string          `json:"account,omitempty"` // contract number; "" = the stand's only one
	Input     json.RawMessage `json:"input,omitempty"`

	// From is where whoever asks is; nil = at the command line.
	From *authority.Origin `json:"-"`
}

// Runner runs operations: here (Table) or in the server (Client). Errors are
// *authority.Error.
type Runner interface {
	Run(ctx context.Context, c Call) (json.RawMessage, error)
}

// Tokens looks at tokens and ends them; *authority.Authority does.
type Tokens interface {
	Introspect(ctx context.Context, c authority.Caller, token authority.Secret) (authority.Introspection, error)
	RevokeToken(ctx context.Context, c authority.Caller, token authority.Secret) error
}

// Parts are what operations work on.
type Parts struct {
	Admin  *admin.Service
	Tokens Tokens
	Calls  *calls.Service
	Tasks  *tasks.Importer
	// Products reads the catalogue, Uploads replaces it.
	Products *catalog.Service
	Uploads  *catalog.Uploads
	// Proof shows whether the audit is what was written.
	Proof Proof
	// Backup copies the database to a file that is not there yet.
	Backup func(ctx context.Context, path string) error
}

// Table runs operations in this process. Safe for concurrent use.
type Table struct{ Parts }

// NewTable makes a Table.
func NewTable(p Parts) *Table { return &Table{p} }

// reason is what the audit says of everything done here.
const reason = "command_line"

// setup is what it says of the first start, which is done from elsewhere.
const setup = "first_start"

// system makes the caller of c in an account.
func (c Call) system(a authority.Account) authority.Caller {
	if c.From == nil {
		return authority.System(c.Stand, a, "", reason)
	}
	return authority.System(c.Stand, a, "", setup).At(*c.From)
}

// reach says what of the call's account an operation needs.
type reach uint8

const (
	inside  reach = iota // an account
	maybe                // an account, or the whole stand
	outside              // the stand
)

type operation struct {
	name  string
	reach reach
	run   func(ctx context.Context, t *Table, c authority.Caller, input json.RawMessage) (any, error)
}

// op makes an operation of a typed function.
func op[I, O any](name string, r reach, fn func(context.Context, *Table, authority.Caller, I) (O, error)) operation {
	return operation{name, r, func(ctx context.Context, t *Table, c authority.Caller, raw json.RawMessage) (any, error) {
		var in I
		if err := decode(raw, &in); err != nil {
			return nil, err
		}
		return fn(ctx, t, c, in)
	}}
}

// operations lists all of them.
func operations() []operation {
	return slices.Concat(accountOperations(), peopleOperations(), secretOperations(), rightsOperations(), watchOperations(), doorOperations(), importOperations(), productOperations(), proofOperations(), backupOperations())
}

// Names lists the operations, sorted.
func Names() []string {
	var names []string
	for _, o := range operations() {
		names = append(names, o.name)
	}
	slices.Sort(names)
	return names
}

// Run implements Runner.
func (t *Table) Run(ctx context.Context, c Call) (json.RawMessage, error) {
	all := operations()
	i := slices.IndexFunc(all, func(o operation) bool { return o.name == c.Operation })
	if i < 0 {
		return nil, authority.E(authority.NotFound, "no such operation")
	}
	if !slices.Contains(authority.Stands(), c.Stand) {
		return nil, authority.E(authority.InvalidValue, "the stand must be production or test")
	}
	caller, err := t.caller(ctx, c, all[i].reach)
	if err != nil {
		return nil, err
	}
	out, err := all[i].run(ctx, t, caller, c.Input)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

// As gives a Runner of the imports for somebody who was let in: he does them with
// his own rights in the account that he works in, whatever a call says of stand
// and account.
func (t *Table) As(c authority.Caller) Runner { return person{t, c} }

type person struct {
	table  *Table
	caller authority.Caller
}

// Run implements Runner.
func (p person) Run(ctx context.Context, c Call) (json.RawMessage, error) {
	own := slices.Concat(importOperations(), productOperations())
	i := slices.IndexFunc(own, func(o operation) bool { return o.name == c.Operation })
	if i < 0 || p.caller.Account().ID == 0 {
		return nil, authority.E(authority.NotFound, "no such operation")
	}
	out, err := own[i].run(ctx, p.table, p.caller, c.Input)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

// caller finds the account that the call works in.
func (t *Table) caller(ctx context.Context, c Call, r reach) (authority.Caller, error) {
	stand := c.system(authority.Account{})
	if r == outside || (r == maybe && c.Account == "") {
		return stand, nil
	}
	account, err := t.account(ctx, stand, c.Account)
	if err != nil {
		return authority.Caller{}, err
	}
	return c.system(account), nil
}

func (t *Table) account(ctx context.Context, stand authority.Caller, contract string) (authority.Account, error) {
	if contract != "" {
		return t.Admin.AccountByContract(ctx, stand, contract)
	}
	list, err := t.Admin.Accounts(ctx, stand, admin.Page{Size: 2})
	if err != nil {
		return authority.Account{}, err
	}
	if list.Total != 1 {
		return authority.Account{}, authority.E(authority.InvalidRequest, "name the account by its contract number")
	}
	return list.Items[0], nil
}
