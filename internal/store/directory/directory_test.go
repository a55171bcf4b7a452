package directory_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/directory"
	"propusk/internal/store"
	storedirectory "propusk/internal/store/directory"
	"propusk/internal/store/storetest"
)

var epoch = time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)

// world is a service over a real database, with two accounts and a user of each.
type world struct {
	*directory.Service

	db           *store.DB
	ours, theirs authority.Caller
	user, other  authority.ID
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	s := storedirectory.New(db)
	w := &world{Service: directory.New(s, s, func() time.Time { return epoch }), db: db}
	w.ours, w.user = account(t, db)
	w.theirs, w.other = account(t, db)
	return w
}

func account(t *testing.T, db *store.DB) (authority.Caller, authority.ID) {
	t.Helper()
	id, user := authority.NewID(), authority.NewID()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO stands (stand, epoch, issuer) VALUES ('test', 1, 'x') ON CONFLICT (stand) DO NOTHING`); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO accounts (id, stand, name, contract, number, disabled, settings, mark, created_ms)
			VALUES ($1, 'test', 'Ромашка', $2, $1, 0, '{}', 0, 0)`, id, fmt.Sprint(id)); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO principals (id, stand, account, kind, name, login, login_key, group_name, disabled, all_areas, mark, created_ms)
			VALUES ($1, 'test', $2, 'user', 'Иванов', $3, $3, '', 0, 1, 0, 0)`, user, id, fmt.Sprint(user))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return authority.System(authority.Test, authority.Account{ID: id}, "extension.create", "test"), user
}

func (w *world) add(t *testing.T, c authority.Caller, e directory.Extension) directory.Extension {
	t.Helper()
	made, err := w.Create(t.Context(), c, e)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func code(t *testing.T, name string, err error, want authority.Code) {
	t.Helper()
	if got := authority.CodeOf(err); err == nil || got != want {
		t.Errorf("%s: %v, want %s", name, err, want)
	}
}

func TestExtensions(t *testing.T) { storetest.Each(t, extensions) }

func extensions(t *testing.T, db *store.DB) {
	w := newWorld(t, db)
	made := w.add(t, w.ours, directory.Extension{Number: "101", Kind: directory.Phone, Label: "  Приёмная \n", User: w.user})
	w.add(t, w.ours, directory.Extension{Number: "100", Kind: directory.Queue, Blocked: true})
	w.add(t, w.theirs, directory.Extension{Number: "101", Kind: directory.Phone})
	if made.Label != "Приёмная" || !made.Created.Equal(epoch) || made.ID == 0 {
		t.Errorf("%+v", made)
	}
	yes := true
	for name, test := range map[string]struct {
		q    directory.Query
		want []string
	}{
		"all":     {directory.Query{Limit: 10}, []string{"100", "101"}},
		"page":    {directory.Query{Limit: 1, Offset: 1}, []string{"101"}},
		"kind":    {directory.Query{Limit: 10, Kind: directory.Phone}, []string{"101"}},
		"blocked": {directory.Query{Limit: 10, Blocked: &yes}, []string{"100"}},
		"odd":     {directory.Query{Limit: 10, Kind: "' OR 1=1 --"}, nil},
	} {
		found, err := w.Service.Extensions(t.Context(), w.ours, test.q)
		var got []string
		for _, e := range found {
			got = append(got, e.Number)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: %s %v", name, diff, err)
		}
	}
	w.refused(t, made)
	w.changed(t, made)
	w.gone(t, made)
}

func (w *world) refused(t *testing.T, made directory.Extension) {
	ctx := t.Context()
	create := func(c authority.Caller, e directory.Extension) error {
		_, err := w.Create(ctx, c, e)
		return err
	}
	code(t, "taken", create(w.ours, directory.Extension{Number: "101", Kind: directory.Phone}), authority.Conflict)
	code(t, "no number", create(w.ours, directory.Extension{Kind: directory.Phone}), authority.InvalidValue)
	code(t, "letters", create(w.ours, directory.Extension{Number: "1o1", Kind: directory.Phone}), authority.InvalidValue)
	code(t, "long", create(w.ours, directory.Extension{Number: "12345678901", Kind: directory.Phone}), authority.InvalidValue)
	code(t, "kind", create(w.ours, directory.Extension{Number: "102", Kind: "tv"}), authority.InvalidValue)
	code(t, "NUL", create(w.ours, directory.Extension{Number: "102", Kind: directory.Phone, Label: "a\x00"}), authority.InvalidValue)
	code(t, "their user", create(w.ours, directory.Extension{Number: "102", Kind: directory.Phone, User: w.other}), authority.Unprocessable)
	code(t, "nobody", create(authority.Caller{}, directory.Extension{Number: "102", Kind: directory.Phone}), authority.Forbidden)
	_, err := w.Extension(ctx, w.theirs, made.ID)
	code(t, "read by others", err, authority.NotFound)
	_, err = w.Change(ctx, w.theirs, made.ID, directory.Edit{})
	code(t, "changed by others", err, authority.NotFound)
	code(t, "deleted by others", w.Delete(ctx, w.theirs, made.ID), authority.NotFound)
	_, err = w.Extension(ctx, w.ours.Within(authority.Areas{}), made.ID)
	code(t, "in an area", err, authority.NotFound)
}

func (w *world) changed(t *testing.T, made directory.Extension) {
	ctx := t.Context()
	label, blocked, nobody := "Склад", true, authority.ID(0)
	after, err := w.Change(ctx, w.ours, made.ID, directory.Edit{Label: &label, Blocked: &blocked})
	want := made
	want.Label, want.Blocked = label, true
	if diff := cmp.Diff(want, after); diff != "" || err != nil {
		t.Error(diff, err)
	}
	_, err = w.Change(ctx, w.ours, made.ID, directory.Edit{User: &nobody})
	if err != nil {
		t.Error(err)
	}
	read, err := w.Extension(ctx, w.ours, made.ID)
	want.User = 0
	if diff := cmp.Diff(want, read); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err = w.Change(ctx, w.ours, made.ID, directory.Edit{User: &w.other}); authority.CodeOf(err) != authority.Unprocessable {
		t.Error(err)
	}
	if entries := w.audited(t, made.ID); entries != 3 {
		t.Errorf("%d entries of one creation and two changes", entries)
	}
}

func (w *world) audited(t *testing.T, id authority.ID) (n int) {
	t.Helper()
	err := w.db.ReadOne(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM audit WHERE object = $1`, "extension/"+strconv.FormatInt(int64(id), 10)).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *world) gone(t *testing.T, made directory.Extension) {
	ctx := t.Context()
	if _, err := w.AddEvent(ctx, w.ours, directory.Event{Extension: made.ID, Kind: "dial-in", URL: "https://crm.example.com/"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(ctx, w.ours, made.ID); err != nil {
		t.Fatal(err)
	}
	code(t, "twice", w.Delete(ctx, w.ours, made.ID), authority.NotFound)
	var left int
	err := w.db.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM phone_event WHERE extension = $1`, made.ID).Scan(&left)
	})
	if left != 0 || err != nil {
		t.Error(left, err)
	}
}

func TestEvents(t *testing.T) { storetest.Each(t, events) }

func events(t *testing.T, db *store.DB) {
	w, ctx := newWorld(t, db), t.Context()
	e := w.add(t, w.ours, directory.Extension{Number: "101", Kind: directory.Phone})
	other := w.add(t, w.ours, directory.Extension{Number: "102", Kind: directory.Phone})
	wish := directory.Event{Extension: e.ID, Kind: "hangup", URL: "https://crm.example.com/hook"}
	made, err := w.AddEvent(ctx, w.ours, wish)
	if err != nil || made.Method != "POST" || made.ID == 0 {
		t.Fatal(made, err)
	}
	list, err := w.Events(ctx, w.ours, e.ID)
	if diff := cmp.Diff([]directory.Event{made}, list); diff != "" || err != nil {
		t.Error(diff, err)
	}
	add := func(c authority.Caller, change func(*directory.Event)) error {
		again := wish
		change(&again)
		_, err := w.AddEvent(ctx, c, again)
		return err
	}
	code(t, "same", add(w.ours, func(*directory.Event) {}), authority.Conflict)
	code(t, "kind", add(w.ours, func(e *directory.Event) { e.Kind = "fax" }), authority.InvalidValue)
	code(t, "method", add(w.ours, func(e *directory.Event) { e.Method = "PUT" }), authority.InvalidValue)
	code(t, "url", add(w.ours, func(e *directory.Event) { e.URL = "http://127.0.0.1/" }), authority.InvalidValue)
	code(t, "others", add(w.theirs, func(*directory.Event) {}), authority.NotFound)
	_, err = w.Events(ctx, w.theirs, e.ID)
	code(t, "read by others", err, authority.NotFound)
	code(t, "deleted by others", w.DeleteEvent(ctx, w.theirs, e.ID, made.ID), authority.NotFound)
	code(t, "of another extension", w.DeleteEvent(ctx, w.ours, other.ID, made.ID), authority.NotFound)
	for i := 1; i < directory.MaxEvents; i++ {
		if err := add(w.ours, func(e *directory.Event) { e.URL += strconv.Itoa(i) }); err != nil {
			t.Fatal(err)
		}
	}
	code(t, "too many", add(w.ours, func(e *directory.Event) { e.Method = "get" }), authority.Conflict)
	if err := w.DeleteEvent(ctx, w.ours, e.ID, made.ID); err != nil {
		t.Error(err)
	}
	if err := add(w.ours, func(e *directory.Event) { e.Method = "get" }); err != nil {
		t.Error(err)
	}
}
