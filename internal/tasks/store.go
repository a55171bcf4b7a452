package tasks

import (
	"context"
	"errors"
	"time"

	"propusk/internal/authority"
)

// ErrIDTaken says that a random id met an existing one; try another.
var ErrIDTaken = errors.New("tasks: id taken")

// Reach is the part of the world a call sees: one account, and of it the tasks
// that lie inside Areas.
type Reach struct {
	Account authority.ID
	Areas   authority.Areas
}

// Store keeps tasks. Each method is one transaction, durable when it returns;
// on an error nothing has happened. What lies outside the Reach is NotFound and
// is not counted. Safe for concurrent use.
type Store interface {
	// Tasks reads a page and its total at one moment.
	Tasks(ctx context.Context, r Reach, f Filter) (Page, error)
	// Task reads one task; a deleted one only when deleted is true.
	Task(ctx context.Context, r Reach, id authority.ID, deleted bool) (Task, error)
	// Stages reads the account's stages in their order.
	Stages(ctx context.Context, account authority.ID) ([]Stage, error)
	// Conversation reads a page of a task's comments.
	Conversation(ctx context.Context, r Reach, q CommentQuery) (Conversation, error)
	// AddTask makes a task, or answers for the earlier one that Once names.
	AddTask(ctx context.Context, a Addition) (Created, error)
	// ChangeTask applies a rule to a task that is not deleted.
	ChangeTask(ctx context.Context, ch Change) (Task, error)
	// AddComment appends to a task's conversation.
	AddComment(ctx context.Context, r Reach, a CommentAddition) error
}

// DirectoryStore keeps what tasks refer to.
type DirectoryStore interface {
	// PutDirectory adds or renames stages and employees. An existing stage keeps
	// whether it is final: another value is a Conflict.
	PutDirectory(ctx context.Context, account authority.ID, d Directory, e authority.Entry) error
	// Moves reads a task's stage history, oldest first.
	Moves(ctx context.Context, r Reach, task authority.ID) ([]Move, error)
}

// Lookup reads, inside the writing transaction, what a rule refers to. ok is
// false for what the account does not have.
type Lookup interface {
	// FirstStage is where tasks begin; an account without stages gets
	// DefaultStages.
	FirstStage() (Stage, error)
	Stage(id authority.ID) (s Stage, ok bool, err error)
	Area(id authority.ID) (r Ref, ok bool, err error)
	Employee(id authority.ID) (r Ref, ok bool, err error)
}

// Addition asks for a new task. Make is called once, in the transaction, and
// fills all but Number, which the store allots.
type Addition struct {
	Reach     Reach
	Principal authority.ID
	Once      Once
	At        time.Time
	Entry     authority.Entry
	Make      func(Lookup) (Task, error)
}

// Created is the answer to a creation. Replayed means that the task had been
// made before by the same Idempotency-Key.
type Created struct {
	ID       authority.ID
	Number   int64
	Stamp    string
	Replayed bool
}

// NumberText is the number as people read it.
func (c Created) NumberText() string { return NumberText(c.Number) }

// Change asks for a task to be changed by Rule, which is called once, in the
// transaction. A Rule that changes nothing writes nothing.
type Change struct {
	Reach Reach
	ID    authority.ID
	At    time.Time
	Entry authority.Entry
	Rule  func(Lookup, Task) (Task, error)
}

// CommentQuery asks for part of a conversation. Fetch 0 = only the total.
type CommentQuery struct {
	Task          authority.ID
	Fetch, Offset int
}

// CommentAddition asks for a comment to be appended.
type CommentAddition struct {
	Task    authority.ID
	Comment Comment
	Entry   authority.Entry
}
