package directory_test

import (
	"testing"

	"propusk/internal/directory"
	"propusk/internal/store"
	storedirectory "propusk/internal/store/directory"
	"propusk/internal/store/storetest"
)

// An extension that one node blocks stays blocked when another names it anew.
func TestNodesChangeOneExtension(t *testing.T) {
	one, two := storetest.Nodes(t)
	w := newWorld(t, one)
	made := w.add(t, w.ours, directory.Extension{Kind: directory.Phone, Number: "101"})
	there := storedirectory.New(two)
	var after directory.Extension
	err := storetest.Meet(t, one, two, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE phone_extension SET blocked = 1 WHERE id = $1`, made.ID)
		return err
	}, func() (err error) {
		after, err = there.PutExtension(t.Context(), directory.Change{
			Account: w.ours.Account().ID, Extension: made, Entry: w.ours.Entry("extension"),
			Rule: func(e directory.Extension) (directory.Extension, error) {
				e.Label = "ours"
				return e, nil
			},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !after.Blocked || after.Label != "ours" {
		t.Errorf("%+v", after)
	}
	if n := storetest.Count(t, one, `SELECT COUNT(*) FROM phone_extension WHERE id = $1 AND blocked = 1 AND label = 'ours'`, made.ID); n != 1 {
		t.Error("one of both changes is lost")
	}
}
