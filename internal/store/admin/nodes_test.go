package admin_test

import (
	"testing"

	"propusk/internal/admin"
	"propusk/internal/audit"
	"propusk/internal/authority"
	"propusk/internal/store"
	storeadmin "propusk/internal/store/admin"
	"propusk/internal/store/storetest"
)

// Who was disabled on one node is not let in again by a change of his name that
// another node began before.
func TestNodesChangeOnePrincipal(t *testing.T) {
	one, two := storetest.Nodes(t)
	w := newWorld(t, one)
	w.must(two.SealAudit(t.Context(), audit.NewSealer(w.ring)))
	p := w.tenant("1")
	user, _ := p.serviceUser("CRM")
	there := storeadmin.New(two, nil)
	name := "renamed"
	var after authority.Principal
	err := storetest.Meet(t, one, two, func(tx *store.Tx) error {
		if err := store.Alone(tx); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE principals SET disabled = 1 WHERE id = $1`, user.ID)
		return err
	}, func() (err error) {
		after, err = there.ChangePrincipal(t.Context(), admin.Change{
			Stand: authority.Production, Account: p.account.ID, Now: w.clock.Now(), Limit: admin.Limit{All: true}, Entry: p.systemInside().Entry("principal"),
		}, admin.PrincipalEdit{ID: user.ID, Kind: authority.ServiceUser, Name: &name})
		return err
	})
	w.must(err)
	if !after.Disabled || after.Name != name {
		t.Errorf("%+v", after)
	}
	if n := storetest.Count(t, one, `SELECT COUNT(*) FROM principals WHERE id = $1 AND disabled = 1 AND name = $2`, user.ID, name); n != 1 {
		t.Error("he is let in again")
	}
}
