package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/tasks"
)

// AddTask makes a task, or answers for the earlier one that a.Once names.
func (s *Store) AddTask(ctx context.Context, a tasks.Addition) (made tasks.Created, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		var ok bool
		if made, ok, err = earlier(tx, a); ok || err != nil {
			return err
		}
		made, err = s.add(tx, a)
		return err
	})
	return made, err
}

// add makes the task with everything that belongs to it: number, counts,
// history, audit and what a repeat will get.
func (s *Store) add(tx *store.Tx, a tasks.Addition) (tasks.Created, error) {
	t, err := a.Make(lookup{tx, a.Reach.Account})
	if err != nil {
		return tasks.Created{}, err
	}
	if t.Number, err = allot(tx, a.Reach.Account, 1); err != nil {
		return tasks.Created{}, err
	}
	if err := insert(tx, a.Reach.Account, []tasks.Task{t}); err != nil {
		return tasks.Created{}, err
	}
	counts := s.ledger(tx, a.Reach.Account)
	if err := counts.insert(t); err != nil {
		return tasks.Created{}, err
	}
	if err := counts.flush(); err != nil {
		return tasks.Created{}, err
	}
	if err := addMove(tx, a.Reach.Account, t, 0, a.Entry); err != nil {
		return tasks.Created{}, err
	}
	made := tasks.Created{ID: t.ID, Number: t.Number, Stamp: t.Stamp}
	if err := remember(tx, a, made); err != nil {
		return tasks.Created{}, err
	}
	return made, store.Audit(tx, a.Entry)
}

// allot takes the next n numbers of the account and gives the first.
func allot(tx *store.Tx, account authority.ID, n int) (int64, error) {
	var last int64
	err := tx.QueryRow(`INSERT INTO task_sequence (account, last) VALUES ($1, $2)
		ON CONFLICT (account) DO UPDATE SET last = task_sequence.last + excluded.last
		RETURNING last`, account, n).Scan(&last)
	return last - int64(n) + 1, err
}

const taskColumns = 16

// insert writes new rows. An id that is taken is ErrIDTaken.
func insert(tx *store.Tx, account authority.ID, batch []tasks.Task) error {
	var q store.Statement
	q.Grow(taskColumns * len(batch))
	q.Add(`INSERT INTO task (id, account, number, area, closed, deleted, stage, assignee,
		created_ms, modified_ms, deadline_ms, stamp, title, company, search, description) VALUES `)
	for i, t := range batch {
		if i > 0 {
			q.Add(", ")
		}
		q.Add("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			t.ID, account, t.Number, t.Area.ID, t.Closed(), t.Deleted, t.Stage.ID, t.Assignee.ID,
			t.Created.UnixMilli(), t.Modified.UnixMilli(), deadlineOf(t), t.Stamp, t.Title, t.Company,
			tasks.SearchText(t), t.Description)
	}
	q.Add(" ON CONFLICT (id) DO NOTHING")
	n, err := tx.Exec(q.String(), q.Args()...)
	if err == nil && n != int64(len(batch)) {
		return tasks.ErrIDTaken
	}
	return err
}

func addMove(tx *store.Tx, account authority.ID, t tasks.Task, from authority.ID, e authority.Entry) error {
	_, err := tx.Exec(`INSERT INTO task_move (task, step, account, from_stage, to_stage, actor, at_ms)
		SELECT CAST($1 AS BIGINT), COALESCE(MAX(step), 0) + 1, CAST($2 AS BIGINT), CAST($3 AS BIGINT),
			CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($6 AS BIGINT)
		FROM task_move WHERE task = $1`, t.ID, account, from, t.Stage.ID, e.Actor, store.Millis(e.Time))
	return err
}

// changeTries bounds how often a rule is applied again because another node has
// changed the task in between.
const changeTries = 8

// ChangeTask applies a rule to a task that is not deleted, as it is when it is
// written.
func (s *Store) ChangeTask(ctx context.Context, ch tasks.Change) (after tasks.Task, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		for range changeTries {
			before, err := visible(tx, ch.Reach, ch.ID, false)
			if err != nil {
				return err
			}
			after, err = ch.Rule(lookup{tx, ch.Reach.Account}, before)
			if err != nil || after.Stamp == before.Stamp {
				return err
			}
			if done, err := s.replace(tx, ch, before, after); done || err != nil {
				return err
			}
		}
		return authority.E(authority.Unavailable, "the task is being changed by others; try again")
	})
	if err != nil {
		return tasks.Task{}, err
	}
	return after, nil
}

// replace writes after over before; false means that the task has changed since it
// was read.
func (s *Store) replace(tx *store.Tx, ch tasks.Change, before, after tasks.Task) (bool, error) {
	n, err := tx.Exec(`UPDATE task SET area = $1, closed = $2, deleted = $3, stage = $4, assignee = $5,
		modified_ms = $6, deadline_ms = $7, stamp = $8, title = $9, company = $10, search = $11, description = $12
		WHERE id = $13 AND account = $14 AND stamp = $15`,
		after.Area.ID, after.Closed(), after.Deleted, after.Stage.ID, after.Assignee.ID,
		after.Modified.UnixMilli(), deadlineOf(after), after.Stamp, after.Title, after.Company,
		tasks.SearchText(after), after.Description, ch.ID, ch.Reach.Account, before.Stamp)
	if err != nil || n == 0 {
		return false, err
	}
	return true, s.follow(tx, ch, before, after)
}

// follow brings what hangs on a task up to its change: counts, history, audit.
func (s *Store) follow(tx *store.Tx, ch tasks.Change, before, after tasks.Task) error {
	counts := s.ledger(tx, ch.Reach.Account)
	if err := counts.change(before, after); err != nil {
		return err
	}
	if err := counts.flush(); err != nil {
		return err
	}
	if after.Stage.ID != before.Stage.ID {
		if err := addMove(tx, ch.Reach.Account, after, before.Stage.ID, ch.Entry); err != nil {
			return err
		}
	}
	return store.Audit(tx, ch.Entry)
}

// AddComment appends to a task's conversation.
func (s *Store) AddComment(ctx context.Context, r tasks.Reach, a tasks.CommentAddition) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := visible(tx, r, a.Task, false); err != nil {
			return err
		}
		n, err := tx.Exec(`INSERT INTO task_comment (id, account, task, author, author_name, text, created_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
			a.Comment.ID, r.Account, a.Task, a.Comment.Author.ID, a.Comment.Author.Name, a.Comment.Text,
			a.Comment.Created.UnixMilli())
		if err != nil {
			return err
		}
		if n == 0 {
			return tasks.ErrIDTaken
		}
		return store.Audit(tx, a.Entry)
	})
}

// statusCreated is what a creation answers with (RFC 9110 §15.3.2).
const statusCreated = 201

// The two kinds of key a creation can be repeated under.
func stampKey(a tasks.Addition) store.OnceKey {
	return store.OnceKey{Account: a.Reach.Account, Principal: a.Principal, Key: "task.stamp/" + a.Once.Stamp}
}

func idempotencyKey(a tasks.Addition) store.OnceKey {
	return store.OnceKey{Account: a.Reach.Account, Principal: a.Principal, Key: store.KeyPrefix + a.Once.Key}
}

// earlier looks for the task that the same request has made before.
func earlier(tx *store.Tx, a tasks.Addition) (tasks.Created, bool, error) {
	if a.Once.Key != "" {
		answer, ok, err := store.RecallSame(tx, idempotencyKey(a), a.Once.Digest, a.At)
		if ok || err != nil {
			made, err := parseAnswer(answer, err)
			made.Replayed = true
			return made, ok, err
		}
	}
	if a.Once.Stamp == "" {
		return tasks.Created{}, false, nil
	}
	answer, ok, err := store.Recall(tx, stampKey(a), a.At)
	if !ok || err != nil {
		return tasks.Created{}, false, err
	}
	made, err := parseAnswer(answer, nil)
	if err != nil {
		return tasks.Created{}, false, err
	}
	return tasks.Created{}, false, authority.E(authority.Conflict, "a task was made with this stamp before").
		With("id", strconv.FormatInt(int64(made.ID), 10))
}

func parseAnswer(a store.Answer, err error) (made tasks.Created, _ error) {
	if err != nil {
		return made, err
	}
	err = json.Unmarshal(a.Body, &made)
	return made, err
}

// remember keeps made under the keys that a.Once names.
func remember(tx *store.Tx, a tasks.Addition, made tasks.Created) error {
	body, err := json.Marshal(made)
	if err != nil {
		return err
	}
	answer := store.Answer{Digest: a.Once.Digest, Status: statusCreated, Body: body}
	if a.Once.Key != "" {
		err = store.Remember(tx, idempotencyKey(a), answer, a.At, store.KeepKey)
	}
	if a.Once.Stamp != "" {
		err = errors.Join(err, store.Remember(tx, stampKey(a), answer, a.At, keepStamp))
	}
	return err
}
