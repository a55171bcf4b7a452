package catalog_test

import (
	"testing"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// What one node does with an upload that another has just moved on is refused
// whole: a catalogue is what its End found, and no Begin throws it away.
func TestNodesMeetInAnUpload(t *testing.T) {
	one, two := storetest.Nodes(t)
	for act, late := range map[string]func(w *world) error{
		"add":   func(w *world) error { return w.uploads.Add(w.tb.Context(), w.system(), generation(2, 20), nil) },
		"begin": func(w *world) error { return w.uploads.Begin(w.tb.Context(), w.system(), catalog.Scheme{}) },
		"reset": func(w *world) error { return w.uploads.Reset(w.tb.Context(), w.system()) },
		"end":   func(w *world) error { _, err := w.uploads.End(w.tb.Context(), w.system()); return err },
	} {
		for _, state := range []string{"current", "dead"} {
			t.Run(act+" and "+state, func(t *testing.T) {
				here, there := newWorld(t, one), newWorld(t, two)
				there.account = here.account
				ctx, c := t.Context(), here.system()
				here.must(here.uploads.Begin(ctx, c, catalog.Scheme{}))
				here.must(here.uploads.Add(ctx, c, generation(1, 10), nil))
				err := storetest.Meet(t, here.db, there.db, func(tx *store.Tx) error {
					_, err := tx.Exec(`UPDATE catalog_version SET state = $1 WHERE account = $2 AND state = 'open'`, state, here.account.ID)
					return err
				}, func() error { return late(there) })
				if authority.CodeOf(err) != authority.Conflict {
					t.Errorf("what came too late: %v", err)
				}
				if n := storetest.Count(t, here.db, `SELECT COUNT(*) FROM catalog_product WHERE account = $1`, here.account.ID); n != 10 {
					t.Errorf("%d rows are there", n)
				}
				if n := storetest.Count(t, here.db, `SELECT COUNT(*) FROM catalog_version WHERE account = $1 AND state <> $2`, here.account.ID, state); n != 0 {
					t.Errorf("%d versions in another state", n)
				}
			})
		}
	}
}

// Two nodes that begin at once begin one upload.
func TestNodesBeginOneUpload(t *testing.T) {
	one, two := storetest.Nodes(t)
	here, there := newWorld(t, one), newWorld(t, two)
	there.account = here.account
	begin := func(w *world) error { return w.uploads.Begin(t.Context(), w.system(), catalog.Scheme{}) }
	for range 20 {
		other := make(chan error, 1)
		go func() { other <- begin(there) }()
		for _, err := range []error{begin(here), <-other} {
			if err != nil && authority.CodeOf(err) != authority.Conflict {
				t.Fatal(err)
			}
		}
		if n := storetest.Count(t, here.db, `SELECT COUNT(*) FROM catalog_version WHERE account = $1 AND state = 'open'`, here.account.ID); n != 1 {
			t.Fatalf("%d uploads are open", n)
		}
		here.must(here.uploads.Reset(t.Context(), here.system()))
	}
}

// A document that two nodes change at once has both changes.
func TestNodesChangeOneDocument(t *testing.T) {
	one, two := storetest.Nodes(t)
	here, there := newWorld(t, one), newWorld(t, two)
	there.account = here.account
	ctx, c := t.Context(), here.system()
	made, err := here.service.AddDoc(ctx, c, catalog.Doc{Type: "PrihodNaSklad", Name: "before"})
	here.must(err)
	var after catalog.Doc
	done := true
	here.must(storetest.Meet(t, one, two, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE catalog_doc SET name = 'theirs' WHERE id = $1`, made.ID)
		return err
	}, func() (err error) {
		after, err = there.service.ChangeDoc(ctx, c, "PrihodNaSklad", made.ID, catalog.DocPatch{Finished: &done})
		return err
	}))
	if after.Name != "theirs" || !after.Finished {
		t.Errorf("%+v", after)
	}
}
