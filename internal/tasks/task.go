package tasks

import (
	"fmt"
	"time"

	"propusk/internal/authority"
)

// The permissions that the routes of work orders ask for.
const (
	TasksList        authority.Permission = "TasksList"        // read tasks and their conversations
	TaskAdd          authority.Permission = "TaskAdd"          // create tasks
	TaskChange       authority.Permission = "TaskChange"       // change fields
	TaskStageChange  authority.Permission = "TaskStageChange"  // move to another stage
	TaskRemove       authority.Permission = "TaskRemove"       // delete softly
	TaskConversation authority.Permission = "TaskConversation" // write into the conversation
	TaskDirectory    authority.Permission = "TaskDirectory"    // set up stages and employees
)

// Permissions lists every permission of this package once.
func Permissions() []authority.Permission {
	return []authority.Permission{
		TasksList, TaskAdd, TaskChange, TaskStageChange, TaskRemove, TaskConversation, TaskDirectory,
	}
}

// Ref names another row. ID 0 means none.
type Ref struct {
	ID   authority.ID
	Name string
}

// Task is one work order. Times are UTC, in whole milliseconds. ID and Created
// never change after creation.
type Task struct {
	ID          authority.ID
	Number      int64 // per account, counted from 1; see NumberText
	Title       string
	Description string
	Stage       Stage // Next is filled by NextStages only
	Area        Ref   // ID 0 = lies in no area
	Assignee    Ref   // ID 0 = nobody
	Company     string
	Deadline    time.Time // zero = none
	Created     time.Time
	Modified    time.Time
	Deleted     bool
	Stamp       string // UUID, another one after each change
}

// Closed reports whether the work is over, which its stage decides.
func (t Task) Closed() bool { return t.Stage.Final }

// NumberText is the number as people read it.
func (t Task) NumberText() string { return NumberText(t.Number) }

// NumberText writes a task's number as people read it, such as "000123".
func NumberText(n int64) string { return fmt.Sprintf("%06d", n) }

// Stage is one step of an account's work. Final stages close a task; whether a
// stage is final never changes, because counts of open tasks rest on it.
type Stage struct {
	ID    authority.ID
	Name  string
	Order int
	Final bool
	Next  []authority.ID // where a task may go from here
}

// Employee is somebody that tasks are assigned to.
type Employee struct {
	ID        authority.ID
	Name      string
	Principal authority.ID // 0 = no principal of ours
}

// Directory is what an account's tasks refer to, but for areas, which the
// account itself has.
type Directory struct {
	Stages    []Stage // the one with the lowest Order is where tasks begin
	Employees []Employee
}

// Comment is one entry of a task's conversation.
type Comment struct {
	ID      authority.ID
	Author  Ref // the principal; its name at the time of writing
	Text    string
	Created time.Time
}

// Move is one entry of a task's stage history. From 0 = the task began here.
type Move struct {
	From, To authority.ID
	Actor    authority.ID
	At       time.Time
}

// DefaultStages is what an account works with until it sets up its own. Each
// call gives new ids.
func DefaultStages() []Stage {
	names := []struct {
		name  string
		final bool
		next  []int
	}{
		{"Новая", false, []int{1, 2, 5}},
		{"Назначена", false, []int{2, 5}},
		{"В работе", false, []int{3, 4, 5}},
		{"Приостановлена", false, []int{2, 5}},
		{"Выполнена", true, []int{2}},
		{"Отменена", true, nil},
	}
	stages := make([]Stage, len(names))
	for i, n := range names {
		stages[i] = Stage{ID: authority.NewID(), Name: n.name, Order: i + 1, Final: n.final}
	}
	for i, n := range names {
		for _, to := range n.next {
			stages[i].Next = append(stages[i].Next, stages[to].ID)
		}
	}
	return stages
}
