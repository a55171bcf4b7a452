// Package work holds the screens of what lies behind the door: work orders with
// their conversations, and calls with their recordings.
//
// It shows; packages tasks and calls find, and decide who sees what.
package work

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/console/page"
	"propusk/internal/directory"
	"propusk/internal/tasks"
)

// Tasks reads work orders; *tasks.Service does.
type Tasks interface {
	Tasks(ctx context.Context, c authority.Caller, f tasks.Filter) (tasks.Page, error)
	Task(ctx context.Context, c authority.Caller, id authority.ID, deleted bool) (tasks.Task, error)
	Conversation(ctx context.Context, c authority.Caller, q tasks.CommentQuery) (tasks.Conversation, error)
	Stages(ctx context.Context, c authority.Caller) ([]tasks.Stage, error)
}

// Calls reads calls and their recordings; *calls.Service does.
type Calls interface {
	Calls(ctx context.Context, c authority.Caller, q calls.Query) (calls.Page, error)
	Call(ctx context.Context, c authority.Caller, id authority.ID) (calls.Call, error)
	Open(ctx context.Context, c authority.Caller, id authority.ID) (calls.Recording, io.ReadSeekCloser, error)
}

// Areas lists the account's areas; *admin.Service does.
type Areas interface {
	Areas(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[authority.Area], error)
}

// Extensions names the account's telephones; *directory.Service does.
type Extensions interface {
	Extensions(ctx context.Context, c authority.Caller, q directory.Query) ([]directory.Extension, error)
}

// People names the account's users; *admin.Service does.
type People interface {
	Named(ctx context.Context, c authority.Caller, principals, credentials []authority.ID) (admin.Named, error)
}

// Area implements page.Area.
type Area struct {
	Tasks      Tasks
	Calls      Calls
	Areas      Areas
	Extensions Extensions
	People     People
	Core       page.Core // lets somebody in again while he listens
}

//go:embed all:templates messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	return []page.Screen{
		{
			Path: "/tasks", May: tasks.TasksList, Serve: a.tasks,
			Menu: &page.Item{Section: "work", Label: "tasks.title", Icon: "clipboard-list", Order: 10},
		},
		{Path: "/tasks/{id}", May: tasks.TasksList, Serve: a.task},
		{
			Path: "/calls", May: calls.CallsList, Serve: a.calls,
			Menu: &page.Item{Section: "work", Label: "calls.title", Icon: "phone", Order: 20},
		},
		{Path: "/calls/{id}", May: calls.CallsList, Serve: a.call},
		{Path: "/calls/{id}/recording/{recording}", May: calls.RecordRead, Serve: a.recording},
	}
}

// day reads a day of the address in the account's zone; the zero time for none.
func day(v *page.View, name string) (time.Time, error) {
	text := v.Query(name)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, v.Zone())
	if err != nil || at.Year() > 9998 {
		return time.Time{}, authority.E(authority.InvalidValue, "choose a day").With("field", name)
	}
	return at, nil
}

// period reads the days since and till of the address, the last one whole.
func period(v *page.View) (from, till time.Time, err error) {
	if from, err = day(v, "since"); err != nil {
		return from, till, err
	}
	if till, err = day(v, "till"); err != nil || till.IsZero() {
		return from, till, err
	}
	return from, till.AddDate(0, 0, 1), nil
}
