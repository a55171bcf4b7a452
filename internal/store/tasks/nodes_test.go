package tasks_test

import (
	"testing"

	"propusk/internal/store"
	"propusk/internal/store/storetest"
	storetasks "propusk/internal/store/tasks"
	"propusk/internal/tasks"
)

// A change that meets another node's is applied to the task as that one left it:
// nothing is lost, and a stamp lets one of both through.
func TestNodesChangeOneTask(t *testing.T) {
	one, two := storetest.Nodes(t)
	w := newWorld(t, one, 100)
	there := storetasks.New(two)
	made := w.add(t, w.year(1))
	var stamps []string
	err := storetest.Meet(t, one, two, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE task SET title = 'theirs', stamp = $1 WHERE id = $2`, tasks.NewStamp(), made.ID)
		return err
	}, func() error {
		_, err := there.ChangeTask(t.Context(), tasks.Change{
			Reach: w.everything(), ID: made.ID, At: w.now, Entry: w.entry(),
			Rule: func(_ tasks.Lookup, t tasks.Task) (tasks.Task, error) {
				stamps = append(stamps, t.Stamp)
				t.Title, t.Stamp = t.Title+", and ours", tasks.NewStamp()
				return t, nil
			},
		})
		return err
	})
	must(t, err)
	if len(stamps) != 2 || stamps[0] != made.Stamp || stamps[1] == made.Stamp {
		t.Errorf("the rule saw %v", stamps)
	}
	if n := storetest.Count(t, one, `SELECT COUNT(*) FROM task WHERE id = $1 AND title = 'theirs, and ours'`, made.ID); n != 1 {
		t.Error("one of both changes is lost")
	}
}
