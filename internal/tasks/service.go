package tasks

import (
	"context"
	"errors"
	"strconv"
	"time"

	"propusk/internal/authority"
)

// Service applies the rules of work orders. Safe for concurrent use.
type Service struct {
	store Store
	now   func() time.Time
}

// New makes a Service over store. now is the clock.
func New(store Store, now func() time.Time) *Service {
	return &Service{store: store, now: now}
}

// Tasks reads a page of what the caller sees.
func (s *Service) Tasks(ctx context.Context, c authority.Caller, f Filter) (Page, error) {
	r, err := reach(c, TasksList)
	if err != nil {
		return Page{}, err
	}
	if f, err = f.checked(); err != nil {
		return Page{}, err
	}
	return s.store.Tasks(ctx, r, f)
}

// Task reads one task; a deleted one is NotFound unless deleted is true.
func (s *Service) Task(ctx context.Context, c authority.Caller, id authority.ID, deleted bool) (Task, error) {
	r, err := reach(c, TasksList)
	if err != nil {
		return Task{}, err
	}
	return s.store.Task(ctx, r, id, deleted)
}

// Stages reads the stages of the caller's account in their order.
func (s *Service) Stages(ctx context.Context, c authority.Caller) ([]Stage, error) {
	r, err := reach(c, TasksList)
	if err != nil {
		return nil, err
	}
	return s.store.Stages(ctx, r.Account)
}

// NextStages reads where a task may go from where it is.
func (s *Service) NextStages(ctx context.Context, c authority.Caller, id authority.ID) ([]Stage, error) {
	t, err := s.Task(ctx, c, id, false)
	if err != nil {
		return nil, err
	}
	stages, err := s.store.Stages(ctx, c.Account().ID)
	if err != nil {
		return nil, err
	}
	byID := make(map[authority.ID]Stage, len(stages))
	for _, stage := range stages {
		byID[stage.ID] = stage
	}
	next := []Stage{}
	for _, to := range byID[t.Stage.ID].Next {
		if stage, ok := byID[to]; ok {
			next = append(next, stage)
		}
	}
	return next, nil
}

// Create makes a task. See Once for what a repeat gets.
func (s *Service) Create(ctx context.Context, c authority.Caller, d Draft, once Once) (Created, error) {
	r, err := reach(c, TaskAdd)
	if err != nil {
		return Created{}, err
	}
	if once, err = once.checked(); err != nil {
		return Created{}, err
	}
	if d, err = d.checked(); err != nil {
		return Created{}, err
	}
	at := authority.Moment(s.now())
	for {
		id := authority.NewID()
		made, err := s.store.AddTask(ctx, Addition{
			Reach: r, Principal: c.Principal().ID, Once: once, At: at, Entry: entry(c, id, at),
			Make: func(l Lookup) (Task, error) { return d.build(l, r.Areas, id, at) },
		})
		if !errors.Is(err, ErrIDTaken) {
			return made, err
		}
	}
}

// Change changes fields of a task.
func (s *Service) Change(ctx context.Context, c authority.Caller, id authority.ID, p Patch) (Task, error) {
	r, err := reach(c, TaskChange)
	if err != nil {
		return Task{}, err
	}
	if p, err = p.checked(); err != nil {
		return Task{}, err
	}
	return s.change(ctx, c, id, func(l Lookup, t Task) (Task, error) { return p.apply(l, r.Areas, t) })
}

// Move takes a task to another stage, which must be one of NextStages.
func (s *Service) Move(ctx context.Context, c authority.Caller, id, stage authority.ID) (Task, error) {
	if _, err := reach(c, TaskStageChange); err != nil {
		return Task{}, err
	}
	return s.change(ctx, c, id, func(l Lookup, t Task) (Task, error) { return advance(l, t, stage) })
}

// Remove deletes a task softly: only who asks for deleted tasks sees it then.
func (s *Service) Remove(ctx context.Context, c authority.Caller, id authority.ID) error {
	if _, err := reach(c, TaskRemove); err != nil {
		return err
	}
	_, err := s.change(ctx, c, id, func(_ Lookup, t Task) (Task, error) {
		t.Deleted = true
		return t, nil
	})
	return err
}

func (s *Service) change(ctx context.Context, c authority.Caller, id authority.ID, rule func(Lookup, Task) (Task, error)) (Task, error) {
	at := authority.Moment(s.now())
	return s.store.ChangeTask(ctx, Change{
		Reach: reachOf(c), ID: id, At: at, Entry: entry(c, id, at),
		Rule: func(l Lookup, t Task) (Task, error) {
			changed, err := rule(l, t)
			if err != nil || same(changed, t) {
				return t, err
			}
			changed.Stamp = NewStamp()
			changed.Modified = at
			if at.Before(t.Modified) { // the clock stepped back
				changed.Modified = t.Modified
			}
			return changed, nil
		},
	})
}

// same reports whether nothing that a rule may change differs.
func same(a, b Task) bool {
	return a.Title == b.Title && a.Description == b.Description && a.Company == b.Company &&
		a.Stage.ID == b.Stage.ID && a.Area.ID == b.Area.ID && a.Assignee.ID == b.Assignee.ID &&
		a.Deadline.Equal(b.Deadline) && a.Deleted == b.Deleted
}

// Comment appends text to a task's conversation.
func (s *Service) Comment(ctx context.Context, c authority.Caller, id authority.ID, text string) (Comment, error) {
	r, err := reach(c, TaskConversation)
	if err != nil {
		return Comment{}, err
	}
	if text, err = cleanText("text", text, maxComment); err != nil {
		return Comment{}, err
	}
	if text == "" {
		return Comment{}, authority.E(authority.InvalidRequest, "a comment needs a text").With("field", "text")
	}
	at := authority.Moment(s.now())
	author := c.Principal()
	for {
		comment := Comment{
			ID: authority.NewID(), Author: Ref{ID: author.ID, Name: author.Name}, Text: text, Created: at,
		}
		err := s.store.AddComment(ctx, r, CommentAddition{Task: id, Comment: comment, Entry: entry(c, id, at)})
		if !errors.Is(err, ErrIDTaken) {
			return comment, err
		}
	}
}

// Conversation reads a page of a task's comments, oldest first.
func (s *Service) Conversation(ctx context.Context, c authority.Caller, q CommentQuery) (Conversation, error) {
	r, err := reach(c, TasksList)
	if err != nil {
		return Conversation{}, err
	}
	if err := checkPage(q.Fetch, q.Offset); err != nil {
		return Conversation{}, err
	}
	return s.store.Conversation(ctx, r, q)
}

// reach says what the caller sees, if it holds p.
func reach(c authority.Caller, p authority.Permission) (Reach, error) {
	_, err := c.Inside(p)
	return reachOf(c), err
}

func reachOf(c authority.Caller) Reach {
	return Reach{Account: c.Account().ID, Areas: c.Areas()}
}

func entry(c authority.Caller, id authority.ID, at time.Time) authority.Entry {
	e := c.Entry("task/" + strconv.FormatInt(int64(id), 10))
	e.Time = at
	return e
}
