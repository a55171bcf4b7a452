package hubex

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"propusk/internal/authority"
	"propusk/internal/tasks"
)

// ref names another row, by a number.
type ref struct {
	ID   authority.ID `json:"id"`
	Name string       `json:"name"`
}

type stage struct {
	ID      authority.ID `json:"id"`
	Name    string       `json:"name"`
	IsFinal bool         `json:"isFinal"`
}

// task is a work order on the wire. Its own id is a string; what is empty is
// left out. docs/dialects/hubex.md §2
type task struct {
	ID               string    `json:"id"`
	Number           string    `json:"number"`
	Title            string    `json:"title"`
	Status           string    `json:"status"`
	CreatedAt        time.Time `json:"createdAt"`
	Description      string    `json:"description,omitempty"`
	TaskStage        stage     `json:"taskStage"`
	Area             ref       `json:"area,omitzero"`
	AssignedTo       ref       `json:"assignedTo,omitzero"`
	Company          string    `json:"company,omitempty"`
	Deadline         time.Time `json:"deadline,omitzero"`
	IsClosed         bool      `json:"isClosed"`
	IsDeleted        bool      `json:"isDeleted,omitempty"`
	LastModified     time.Time `json:"lastModified"`
	ConcurrencyStamp string    `json:"concurrencyStamp"`
}

func taskOf(t tasks.Task) task {
	return task{
		ID: idText(t.ID), Number: t.NumberText(), Title: t.Title, Status: t.Stage.Name,
		CreatedAt: wholeSecond(t.Created), Description: t.Description, TaskStage: stageOf(t.Stage),
		Area: ref(t.Area), AssignedTo: ref(t.Assignee), Company: t.Company, Deadline: t.Deadline,
		IsClosed: t.Closed(), IsDeleted: t.Deleted, LastModified: wholeSecond(t.Modified),
		ConcurrencyStamp: t.Stamp,
	}
}

func tasksOf(list []tasks.Task) []task {
	out := make([]task, len(list))
	for i, t := range list {
		out[i] = taskOf(t)
	}
	return out
}

func stageOf(s tasks.Stage) stage { return stage{ID: s.ID, Name: s.Name, IsFinal: s.Final} }

func idText(id authority.ID) string { return strconv.FormatInt(int64(id), 10) }

// wholeSecond writes times as the documentation does. Filters read a whole
// second as all of it (between), so that what is shown finds its row.
func wholeSecond(at time.Time) time.Time { return at.UTC().Truncate(time.Second) }

// byID is a list of tasks as one object, keyed by id, in the order of the list.
type byID []task

// MarshalJSON implements json.Marshaler.
func (m byID) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	buf.WriteByte('{')
	for i, t := range m {
		if i > 0 {
			buf.WriteByte(',')
		}
		buf.WriteString(`"` + t.ID + `":`)
		if err := enc.Encode(t); err != nil {
			return nil, err
		}
	}
	buf.WriteByte('}')
	return buf.Bytes(), nil
}
