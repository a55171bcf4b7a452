package admin_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/audit"
	"propusk/internal/authority"
	core "propusk/internal/store/authority"
)

// proven checks that the audit is whole, and that entries have left for a reason.
func (w *world) proven(reason string) {
	w.t.Helper()
	r, err := audit.NewVerifier(w.db, audit.NewSealer(w.ring), nil).Run(context.WithoutCancel(w.t.Context()), time.Time{})
	w.must(err)
	if r.Altered+r.Missing+r.Unknown > 0 || r.Entries == 0 {
		w.t.Errorf("the audit is not whole: %+v", r)
	}
	for _, p := range r.Purges {
		if p.Reason == reason && p.Entries > 0 {
			return
		}
	}
	w.t.Errorf("nothing has left for %s: %+v", reason, r.Purges)
}

// Figures: traffic and refusals by dialect and hour, and who makes them; of the
// account alone.
func TestFiguresOfTraffic(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.clock.Advance(w.clock.Now().Truncate(time.Hour).Sub(w.clock.Now()))
		p, other := w.tenant("1"), w.tenant("2")
		ctx := t.Context()
		w.must(w.auth.Flush(ctx))
		w.clock.Advance(time.Hour) // whoever set the accounts up signed in before
		begin := w.clock.Now()
		key, err := w.admin.GenerateAccessKey(ctx, p.admin, admin.Generate{Principal: p.admin.Principal().ID})
		w.must(err)
		out, err := w.issue(authority.AccessKey, key.Credential.ClientID, key.Secret)
		w.must(err)
		origin := authority.Origin{Stand: authority.Production, Dialect: "toy"}
		for range 3 {
			_, err := w.auth.Authenticate(ctx, origin, authority.Presented{Scheme: authority.Bearer, Token: out.Access})
			w.must(err)
		}
		w.must(w.auth.Flush(ctx))
		w.clock.Advance(time.Hour)
		for range 2 {
			w.auth.Refuse(authority.Entry{Account: p.account.ID, Dialect: "toy", Verb: "task.create"})
		}
		w.auth.Refuse(authority.Entry{Stand: authority.Production, Dialect: "toy", Verb: "token.issue"}) // a stranger
		w.auth.Refuse(authority.Entry{Stand: authority.Test, Dialect: "toy", Verb: "token.issue"})
		w.must(w.auth.Flush(ctx))
		traffic, err := w.admin.Traffic(ctx, p.admin, begin, begin.Add(24*time.Hour))
		w.must(err)
		got := ""
		for _, f := range traffic {
			got += fmt.Sprintf("%s +%d: %d %d %d;", f.Dialect, int(f.Hour.Sub(begin).Hours()), f.Calls, f.Issues, f.Refusals)
		}
		if got != "toy +0: 3 1 0;toy +1: 0 0 2;" {
			t.Error(got)
		}
		busy, err := w.admin.Busiest(ctx, p.admin, begin, 10)
		w.must(err)
		if len(busy) != 1 || busy[0].ID != key.Credential.ID || busy[0].Calls != 3 || busy[0].Issues != 1 || busy[0].Holder == "" {
			t.Errorf("%+v", busy)
		}
		named, err := w.admin.Named(ctx, p.admin, []authority.ID{p.admin.Principal().ID, 5, 0}, []authority.ID{key.Credential.ID})
		w.must(err)
		if who := named.Principals[p.admin.Principal().ID]; len(named.Principals) != 1 || who.Name == "" || who.Kind != authority.User ||
			named.Credentials[key.Credential.ID].Kind != authority.AccessKey {
			t.Errorf("%+v", named)
		}
		if named, err = w.admin.Named(ctx, other.admin, []authority.ID{p.admin.Principal().ID}, []authority.ID{key.Credential.ID}); err != nil ||
			len(named.Principals)+len(named.Credentials) > 0 {
			t.Errorf("another account sees %+v %v", named, err)
		}
		theirs, err := w.admin.Traffic(ctx, other.admin, begin, begin.Add(24*time.Hour))
		w.must(err)
		if busy, err = w.admin.Busiest(ctx, other.admin, begin, 10); err != nil || len(theirs)+len(busy) > 0 {
			t.Errorf("another account sees %+v %+v %v", theirs, busy, err)
		}
	})
}

// Figures: what belongs to no account is the deployment's owner's to see, of his
// own stand.
func TestFiguresOfStrangers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.clock.Advance(w.clock.Now().Truncate(time.Hour).Sub(w.clock.Now()))
		p := w.tenant("1")
		ctx := t.Context()
		w.must(w.auth.Flush(ctx))
		w.clock.Advance(time.Hour)
		begin := w.clock.Now()
		refuse := func(stand authority.Stand, dialect string) {
			w.auth.Refuse(authority.Entry{Stand: stand, Dialect: dialect, Verb: "token.issue"})
		}
		refuse(authority.Production, "toy")
		_, err := w.issue(authority.AccessKey, "nobody", authority.NewSecret("wrong"))
		if err == nil {
			t.Fatal("a stranger is let in")
		}
		refuse(authority.Test, "toy")
		w.must(w.auth.Flush(ctx))
		w.clock.Advance(time.Hour)
		refuse(authority.Production, "toy")
		refuse(authority.Production, "other")
		w.must(w.auth.Flush(ctx))
		read := func(stand authority.Stand) (out string) {
			seen, err := w.admin.Strangers(ctx, authority.System(stand, authority.Account{}, "test", "test"), begin, begin.Add(24*time.Hour))
			w.must(err)
			for _, f := range seen {
				out += fmt.Sprintf("%s +%d: %d;", f.Dialect, int(f.Hour.Sub(begin).Hours()), f.Refusals)
			}
			return out
		}
		if got := read(authority.Production); got != "toy +0: 2;other +1: 1;toy +1: 1;" {
			t.Error(got)
		}
		if got := read(authority.Test); got != "toy +0: 1;" {
			t.Error(got)
		}
		if seen, err := w.admin.Strangers(ctx, p.admin, begin, begin.Add(24*time.Hour)); authority.CodeOf(err) != authority.Forbidden {
			t.Errorf("an account's administrator sees %+v %v", seen, err)
		}
		old := authority.Use{Stand: authority.Production, Dialect: "toy", Hour: begin.Add(-500 * 24 * time.Hour), Refusals: 1}
		usage := core.New(w.db, w.feed.Apply)
		w.must(usage.AddUsage(ctx, []authority.Use{old}))
		w.must(usage.AddUsage(ctx, []authority.Use{{Stand: authority.Production, Dialect: "toy", Hour: begin}}))
		seen, err := w.admin.Strangers(ctx, authority.System(authority.Production, authority.Account{}, "test", "test"), old.Hour, begin)
		if err != nil || len(seen) > 0 {
			t.Errorf("kept for ever: %+v %v", seen, err)
		}
	})
}

// Figures: secrets that end soon, those that overlap included, and those that
// nobody has used.
func TestFiguresOfSecrets(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, other := w.tenant("1"), w.tenant("2")
		ctx := t.Context()
		generate := func(expires time.Time, overlap time.Duration) admin.NewSecret {
			s, err := w.admin.GenerateAccessKey(ctx, p.admin, admin.Generate{
				Principal: p.admin.Principal().ID, Expires: expires, Overlap: overlap,
			})
			w.must(err)
			return s
		}
		now := w.clock.Now()
		late := generate(now.Add(60*24*time.Hour), 0)
		soon := generate(now.Add(20*24*time.Hour), 0)
		w.must(w.admin.RevokeCredential(ctx, p.admin, generate(now.Add(10*24*time.Hour), 0).Credential.ID))
		ending, err := w.admin.Ending(ctx, p.admin, 10)
		w.must(err)
		if len(ending) != 1 || ending[0].ID != soon.Credential.ID || ending[0].HolderKind != authority.User {
			t.Errorf("ending: %+v", ending)
		}
		w.clock.Advance(25 * time.Hour)
		_, err = w.issue(authority.AccessKey, late.Credential.ClientID, late.Secret)
		w.must(err)
		unused, err := w.admin.Unused(ctx, p.admin, 10)
		w.must(err)
		found := false
		for _, c := range unused {
			found = found || c.ID == soon.Credential.ID
			if c.ID == late.Credential.ID || c.Revoked {
				t.Errorf("unused: %+v", c)
			}
		}
		if !found {
			t.Errorf("unused: %+v", unused)
		}
		for _, list := range []func(context.Context, authority.Caller, int) ([]admin.KnownCredential, error){w.admin.Ending, w.admin.Unused} {
			theirs, err := list(ctx, other.admin, 10)
			w.must(err)
			for _, c := range theirs {
				if c.ID == soon.Credential.ID {
					t.Errorf("another account sees %+v", c)
				}
			}
		}
	})
}
