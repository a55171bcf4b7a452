package demo

import (
	"context"
	"math/rand/v2"
	"strconv"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/directory"
)

// switchboard is what everybody who works with the telephone exchange may.
func switchboard() []authority.Permission {
	return append([]authority.Permission{calls.CallsList, calls.RecordRead, calls.RecordDelete}, directory.Permissions()...)
}

// desk is an extension that no person has.
type desk struct {
	number string
	kind   directory.Kind
	label  string
}

func desks() []desk {
	return []desk{
		{"100", directory.IVR, "Голосовое меню"},
		{"200", directory.Queue, "Диспетчерская"},
		{"201", directory.Queue, "Аварийная служба"},
		{"300", directory.Phone, "Переговорная"},
		{"400", directory.Fax, "Факс бухгалтерии"},
	}
}

// telephones is how many people of an account have an extension, from 101 on.
const telephones = 9

// telephone makes the extensions of an account and the calls from and to them.
func (f *filler) telephone(ctx context.Context, c authority.Caller, of company, seat uint64, out *Account) error {
	made, err := f.extensions(ctx, c, of, out.Ringme.UserID)
	if err != nil {
		return err
	}
	return f.calls(ctx, c, made, exchange{of, seat, &out.Operator})
}

// extensions makes the extensions of an account: of its people, the first of
// them the exchange's administrator, and of its desks.
func (f *filler) extensions(ctx context.Context, c authority.Caller, of company, administrator authority.ID) ([]directory.Extension, error) {
	c = doing(c, "extension.create")
	r := rand.New(rand.NewPCG(seed, uint64(of.Number)))
	var wanted []directory.Extension
	add := func(e directory.Extension) { wanted = append(wanted, e) }
	for i, name := range of.people.staff(r, telephones) {
		e := directory.Extension{Number: strconv.Itoa(101 + i), Kind: directory.Phone, Label: name, Group: "Инженеры"}
		switch {
		case i == 0:
			e.Group, e.User = "Офис", administrator
		case i < 4:
			e.Group = "Диспетчеры"
		case i == telephones-1:
			e.Blocked = true
		}
		add(e)
	}
	for _, d := range desks() {
		add(directory.Extension{Number: d.number, Kind: d.kind, Label: d.label, Group: "Офис"})
	}
	made := make([]directory.Extension, len(wanted))
	jobs := make([]func() error, len(wanted))
	for i, e := range wanted {
		jobs[i] = func() (err error) {
			made[i], err = f.data.Directory.Create(ctx, c, e)
			return err
		}
	}
	return made, together(jobs)
}
