package demo

import (
	"context"
	"math/rand/v2"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

const (
	remembered = 21 * 24 * time.Hour // how far back the demo says what its secrets were used for
	untold     = 2 * time.Hour       // the last hours hold what was truly done, and nothing else
)

// habit is how a secret is used: so many calls in a busy hour, on how many of them
// a token is issued, and whether people sleep.
type habit struct {
	name    string // of the principal; "" = the authorization token
	dialect string
	busy    float64
	issues  float64
	nights  bool
}

// habits lists whose secrets were in use before the demo began. The others wait
// for their first use.
func habits() []habit {
	return []habit{
		{name: "Обмен с 1С", dialect: "hubex", busy: 240, issues: 0.01, nights: true},
		{name: "Подрядчик участка", dialect: "hubex", busy: 30, issues: 0.04},
		{name: "Обмен с учётной системой", dialect: "smarts", busy: 130, issues: 0.03},
		{name: "Администратор склада", dialect: "smarts", busy: 12, issues: 0.2},
		{name: "Телефония: виджет CRM", dialect: "ringme", busy: 95, issues: 0.02},
		{name: "Телефония: отчёты", dialect: "ringme", busy: 18, issues: 0.1, nights: true},
		{dialect: "operator", busy: 55, issues: 0.03},
		{name: applicationName, dialect: "oauth", busy: 40, issues: 0.05, nights: true},
	}
}

// past writes down what the account's secrets were used for before the demo began,
// so that its figures look like those of a company at work.
func (f *filler) past(ctx context.Context, c authority.Caller, seat uint64) error {
	if !f.amount.Past {
		return nil
	}
	holders, err := holdersOf(ctx, f.admin, c)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(seed, seat))
	var uses []authority.Use
	for _, h := range habits() {
		secrets, err := f.admin.Credentials(ctx, c, holders[h.name])
		if err != nil || len(secrets) == 0 {
			return err
		}
		use := authority.Use{Account: c.Account().ID, Principal: holders[h.name], Credential: secrets[0].ID, Dialect: h.dialect}
		uses = append(uses, h.hours(use, r, f.now)...)
	}
	return f.data.Store.AddUsage(ctx, uses)
}

// holdersOf finds everybody of the account by name.
func holdersOf(ctx context.Context, a *admin.Service, c authority.Caller) (map[string]authority.ID, error) {
	integration, err := a.EnsureIntegration(ctx, c)
	if err != nil {
		return nil, err
	}
	out := map[string]authority.ID{"": integration.ID}
	for _, list := range []func(context.Context, authority.Caller, admin.Page) (admin.List[authority.Principal], error){
		a.ServiceUsers, a.Applications, a.Users,
	} {
		found, err := list(ctx, c, admin.Page{Size: 1000})
		if err != nil {
			return nil, err
		}
		for _, p := range found.Items {
			out[p.Name] = p.ID
		}
	}
	return out, nil
}

// hours says how a secret was used, hour by hour. Refusals are the account's: one
// evening somebody guessed.
func (h habit) hours(use authority.Use, r *rand.Rand, now time.Time) []authority.Use {
	var out []authority.Use
	end := now.Add(-untold).Truncate(time.Hour)
	for at := end.Add(-remembered).Truncate(time.Hour); at.Before(end); at = at.Add(time.Hour) {
		calls := int64(h.busy * h.share(at) * (0.7 + 0.6*r.Float64()))
		if calls == 0 {
			continue
		}
		use.Hour, use.Calls, use.Issues = at, calls, int64(float64(calls)*h.issues+r.Float64())
		out = append(out, use)
		if refused := r.Int64N(30); refused == 0 {
			out = append(out, authority.Use{Account: use.Account, Dialect: use.Dialect, Hour: at, Refusals: 1 + r.Int64N(4)})
		}
	}
	return out
}

// share is how busy an hour is, from 0 to 1.
func (h habit) share(at time.Time) float64 {
	hour, weekend := at.Hour(), at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
	switch {
	case h.nights && (hour < 5 || hour > 18):
		return 0.25
	case hour < 5 || hour > 18:
		return 0
	case weekend:
		return 0.3
	case hour < 7 || hour == 10 || hour > 15: // UTC: the morning, noon and the evening in Moscow
		return 0.6
	default:
		return 1
	}
}
