package admin_test

import (
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store/storetest"
)

// Grants are found by holder and by id, and summed up before they end.
func TestGrantEffect(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, other := w.tenant("1"), w.tenant("2")
		ctx := t.Context()
		_, cron := p.serviceUser("Крон")
		_, sync := p.serviceUser("Обмен 1С")
		for range 3 {
			w.alive(w.token(cron))
		}
		w.alive(w.token(sync))
		for holder, want := range map[string]int{"Кр": 3, "Обмен": 1, "обмен": 0, "1C": 0, "": 5} {
			e, err := w.admin.GrantEffect(ctx, p.admin, admin.GrantQuery{Holder: holder, Dialect: "toy"})
			w.must(err)
			if e.Grants != want || len(e.Latest) != want || (want == 5 && e.Holders != 3) {
				t.Errorf("%q: %+v", holder, e)
			}
		}
		login := p.admin.Principal().Login
		list, err := w.admin.Grants(ctx, p.admin, admin.GrantQuery{Holder: login[:1]})
		w.must(err)
		if len(list) != 1 || list[0].Principal != p.admin.Principal().ID {
			t.Errorf("by login: %+v", list)
		}
		e, err := w.admin.GrantEffect(ctx, p.admin, admin.GrantQuery{Holder: "Крон"})
		w.must(err)
		some := []authority.ID{e.Latest[0].ID, e.Latest[2].ID}
		list, err = w.admin.Grants(ctx, p.admin, admin.GrantQuery{IDs: some})
		w.must(err)
		if len(list) != 2 || e.Seen().ID != e.Latest[0].ID {
			t.Errorf("by id: %+v", list)
		}
		if e, err := w.admin.GrantEffect(ctx, other.admin, admin.GrantQuery{IDs: some}); err != nil || e.Grants != 0 || !e.Seen().LastUsed.IsZero() {
			t.Errorf("another account sees %+v, %v", e, err)
		}
		_, err = w.admin.GrantEffect(ctx, p.admin, admin.GrantQuery{IDs: make([]authority.ID, 1001)})
		w.refused(err, authority.InvalidValue)
	})
}

// The grants of a whole account are counted to a limit, those of one holder all.
func TestGrantEffectOfVeryMany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.tenant("1"), t.Context()
		user, cron := p.serviceUser("Крон")
		for range 3 {
			w.alive(w.token(cron))
		}
		w.exec(`UPDATE grants SET dialect = 'hubex' WHERE principal = $1`, user.ID)
		storetest.Crowd(t, w.db, user.Account, admin.CountedGrants+50)
		for _, q := range []admin.GrantQuery{{}, {Dialect: "hubex"}, {Holder: "C"}} {
			e, err := w.admin.GrantEffect(ctx, p.admin, q)
			w.must(err)
			if e.Grants != admin.CountedGrants || !e.More || !e.Seen().LastUsed.IsZero() {
				t.Errorf("%+v: %+v", q, e)
			}
		}
		for _, tt := range []struct {
			q    admin.GrantQuery
			want int
		}{{admin.GrantQuery{Principal: user.ID}, 3}, {admin.GrantQuery{Holder: "Crowd 104"}, 11}, {admin.GrantQuery{Dialect: "hubex", Holder: "Кр"}, 3}} {
			e, err := w.admin.GrantEffect(ctx, p.admin, tt.q)
			w.must(err)
			if e.Grants != tt.want || e.More || e.Holders == 0 || len(e.Latest) != tt.want {
				t.Errorf("%+v: %+v", tt.q, e)
			}
		}
	})
}

// Who holds a role is told within its account alone.
func TestHoldersOfARole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, other := w.tenant("1"), w.tenant("2")
		ctx := t.Context()
		user, _ := p.serviceUser("Крон")
		list, err := w.admin.Holders(ctx, p.admin, p.roles[admin.DeveloperRole], admin.Page{})
		w.must(err)
		if list.Total != 1 || list.Items[0].ID != user.ID || list.Items[0].Kind != authority.ServiceUser {
			t.Errorf("%+v", list)
		}
		_, err = w.admin.Holders(ctx, other.admin, p.roles[admin.DeveloperRole], admin.Page{})
		w.refused(err, authority.NotFound)
	})
}
