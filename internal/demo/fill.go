package demo

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/server"
	storetasks "propusk/internal/store/tasks"
	"propusk/internal/tasks"
)

// seed makes the same work orders each time.
const seed = 1041_2207

const (
	staffed = 14 // employees of an account
	talked  = 40 // newest work orders that have a conversation
)

// filler puts the demo's data into a deployment.
type filler struct {
	data   *server.Data
	admin  *admin.Service
	store  *storetasks.Store
	amount Amount
	now    time.Time
}

// Amount is how much of each an account gets.
type Amount struct {
	Tasks int // work orders
	Calls int
	Past  bool // with figures of weeks before
}

// Fill makes the accounts of both stands, each with amount of data, and gives
// their secrets. What a first attempt left behind is taken away before. Addresses
// are left empty.
func Fill(ctx context.Context, d *server.Data, amount Amount) (*Fixture, error) {
	all, err := companies()
	if err != nil {
		return nil, err
	}
	f := &filler{data: d, admin: d.Admin, store: storetasks.New(d.DB), amount: amount, now: d.Now().Truncate(time.Millisecond)}
	fixture := &Fixture{}
	var jobs []func() error
	for _, stand := range authority.Stands() {
		accounts := make([]Account, len(all))
		*fixture.on(stand) = accounts
		for i, c := range all {
			jobs = append(jobs, func() (err error) {
				accounts[i], err = f.account(ctx, stand, c, fixture.owner(stand, i))
				return err
			})
		}
	}
	return fixture, together(jobs)
}

// together runs jobs beside each other, so that their commits share a disk
// write, and gives the first error.
func together(jobs []func() error) error {
	errs := make(chan error, len(jobs))
	for _, job := range jobs {
		go func() { errs <- job() }()
	}
	var first error
	for range jobs {
		if err := <-errs; first == nil {
			first = err
		}
	}
	return first
}

// acting is who fills an account; the audit names it.
func acting(stand authority.Stand, account authority.Account) authority.Caller {
	return authority.System(stand, account, "", "demo")
}

// doing is c at an act that the audit calls verb.
func doing(c authority.Caller, verb string) authority.Caller {
	return authority.System(c.Stand(), c.Account(), verb, "demo")
}

func (f *filler) account(ctx context.Context, stand authority.Stand, c company, o *Owner) (Account, error) {
	if err := f.clear(ctx, stand, c.Contract); err != nil {
		return Account{}, err
	}
	name := c.Name
	if stand == authority.Test {
		name += " (тест)"
	}
	made, err := f.admin.CreateAccount(ctx, acting(stand, authority.Account{}), admin.NewAccount{
		Name: name, Contract: c.Contract, Number: c.Number,
	})
	if err != nil {
		return Account{}, err
	}
	caller := acting(stand, made.Account)
	if all, err := companies(); err == nil && all[0].Contract == c.Contract {
		// Accounts are made beside each other: the stand's default is said, not
		// the one that happens to be done first (rule 20).
		if err := f.admin.SetDefaultAccount(ctx, caller, made.Account.ID); err != nil {
			return Account{}, err
		}
	}
	if _, err := f.admin.ChangeSettings(ctx, caller, admin.SettingsPatch{TimeZone: &c.Zone}); err != nil {
		return Account{}, err
	}
	out := Account{Name: name, Contract: c.Contract, Number: c.Number, Stand: stand}
	areas, err := f.areas(ctx, caller, c.Areas)
	if err != nil {
		return out, err
	}
	out.HubEx.AreaID = areas[0].ID
	if err := f.principals(ctx, caller, &out); err != nil {
		return out, err
	}
	if err := f.staff(ctx, caller, &out, o); err != nil {
		return out, err
	}
	seat := uint64(c.Number) << 1
	if stand == authority.Test {
		seat++ // what both stands have alike would hide a hole in the wall
	}
	return out, together([]func() error{
		func() error { return f.stock(ctx, caller, c, seat) },
		func() error { return f.work(ctx, caller, c, areas) },
		func() error { return f.telephone(ctx, caller, c, seat, &out) },
		func() error { return f.past(ctx, caller, seat) },
	})
}

// clear takes away what a start that was cut off has left.
func (f *filler) clear(ctx context.Context, stand authority.Stand, contract string) error {
	caller := acting(stand, authority.Account{})
	former, err := f.admin.AccountByContract(ctx, caller, contract)
	if authority.CodeOf(err) == authority.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := f.admin.DisableAccount(ctx, caller, former.ID); err != nil {
		return err
	}
	return f.admin.DeleteAccount(ctx, caller, former.ID)
}

func (f *filler) areas(ctx context.Context, c authority.Caller, names []string) ([]authority.Area, error) {
	out := make([]authority.Area, len(names))
	jobs := make([]func() error, len(names))
	for i, name := range names {
		jobs[i] = func() (err error) {
			out[i], err = f.admin.CreateArea(ctx, c, name)
			return err
		}
	}
	return out, together(jobs)
}

// work writes stages, employees, work orders and what was said about the newest.
func (f *filler) work(ctx context.Context, c authority.Caller, of company, areas []authority.Area) error {
	r := rand.New(rand.NewPCG(seed, uint64(of.Number)))
	b := board{areas: areas, stages: tasks.DefaultStages()}
	for _, name := range of.people.staff(r, staffed) {
		b.employees = append(b.employees, tasks.Employee{ID: authority.NewID(), Name: name})
	}
	directories := tasks.NewDirectories(f.store, f.data.Now)
	if err := directories.Put(ctx, c, tasks.Directory{Stages: b.stages, Employees: b.employees}); err != nil {
		return err
	}
	a := &author{company: of, board: b, r: r, now: f.now}
	var talks []func() error
	told := func(t tasks.Task, kind order) {
		if t.Deleted {
			return
		}
		comments := a.talk(t, kind)
		talks = append(talks, func() error { return f.talk(ctx, c, t.ID, comments) })
		talks = talks[max(len(talks)-talked, 0):]
	}
	entry := f.entry(c, "task.load", "")
	if _, err := f.store.Load(ctx, c.Account().ID, entry, a.orders(f.amount.Tasks, told)); err != nil {
		return err
	}
	return together(talks)
}

func (f *filler) talk(ctx context.Context, c authority.Caller, task authority.ID, comments []tasks.Comment) error {
	reach := tasks.Reach{Account: c.Account().ID, Areas: c.Areas()}
	for _, said := range comments {
		addition := tasks.CommentAddition{Task: task, Comment: said, Entry: f.entry(c, "task.comment", "task/"+strconv.FormatInt(int64(task), 10))}
		if err := f.store.AddComment(ctx, reach, addition); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) entry(c authority.Caller, verb, object string) authority.Entry {
	e := c.Entry(object)
	e.Time, e.Verb = f.now, verb
	return e
}
