package hubex

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"propusk/internal/authority"
	"propusk/internal/tasks"
)

type taskRequest struct {
	application
	ID        authority.ID `path:"id"`
	IsDeleted bool         `query:"isDeleted"`
}

func (d *Dialect) task(ctx context.Context, c authority.Caller, req taskRequest) (task, error) {
	t, err := d.Tasks.Task(ctx, c, req.ID, req.IsDeleted)
	if err != nil {
		return task{}, err
	}
	return taskOf(t), nil
}

type nextRequest struct {
	application
	ID authority.ID `path:"id"`
}

func (d *Dialect) nextStages(ctx context.Context, c authority.Caller, req nextRequest) ([]stage, error) {
	next, err := d.Tasks.NextStages(ctx, c, req.ID)
	if err != nil {
		return nil, err
	}
	out := make([]stage, len(next))
	for i, s := range next {
		out[i] = stageOf(s)
	}
	return out, nil
}

// moveFields documents moveRequest.
type moveFields struct {
	application
	TaskID      authority.ID `json:"taskID"      required:"true" about:"As a number or a string of digits"`
	TaskStageID authority.ID `json:"taskStageID" required:"true" about:"One of those that the work order may go to"`
}

// moveRequest holds ids as numbers or strings of digits (idOf).
type moveRequest struct {
	application
	TaskID      json.RawMessage `json:"taskID"`
	TaskStageID json.RawMessage `json:"taskStageID"`
}

type moveResponse struct {
	StageID      authority.ID `json:"stageId"`
	IsFinalStage bool         `json:"isFinalStage"`
	Errors       []string     `json:"errors"` // none: what is wrong is refused as a whole
}

// StatusCode implements web.Statuser.
func (moveResponse) StatusCode() int { return http.StatusCreated }

func (d *Dialect) move(ctx context.Context, c authority.Caller, req moveRequest) (moveResponse, error) {
	id, err := needID("taskID", req.TaskID)
	if err != nil {
		return moveResponse{}, err
	}
	to, err := needID("taskStageID", req.TaskStageID)
	if err != nil {
		return moveResponse{}, err
	}
	t, err := d.Tasks.Move(ctx, c, id, to)
	if err != nil {
		return moveResponse{}, err
	}
	return moveResponse{StageID: t.Stage.ID, IsFinalStage: t.Stage.Final, Errors: []string{}}, nil
}

// needID reads an id that must be there.
func needID(name string, raw json.RawMessage) (authority.ID, error) {
	if raw == nil || string(raw) == "null" {
		return 0, authority.E(authority.InvalidRequest, name+" is missing").With("field", name)
	}
	id, wrong := idOf(raw)
	if wrong != "" {
		return 0, authority.E(authority.InvalidValue, name+" must be "+wrong).With("field", name)
	}
	return id, nil
}

// commentRequest takes the text under either name; text wins.
type commentRequest struct {
	application
	ID      authority.ID `path:"id"`
	Text    string       `json:"text" example:"On my way"`
	Message string       `json:"message" about:"The same, under another name"`
}

type comment struct {
	ID        string    `json:"id"`
	Text      string    `json:"text"`
	Author    ref       `json:"author"`
	CreatedAt time.Time `json:"createdAt"`
}

func commentOf(c tasks.Comment) comment {
	return comment{ID: idText(c.ID), Text: c.Text, Author: ref(c.Author), CreatedAt: wholeSecond(c.Created)}
}

type commentResponse struct{ comment }

// StatusCode implements web.Statuser.
func (commentResponse) StatusCode() int { return http.StatusCreated }

func (d *Dialect) comment(ctx context.Context, c authority.Caller, req commentRequest) (commentResponse, error) {
	text := req.Text
	if text == "" {
		text = req.Message
	}
	made, err := d.Conversations.Comment(ctx, c, req.ID, text)
	if err != nil {
		return commentResponse{}, err
	}
	return commentResponse{commentOf(made)}, nil
}

type conversationRequest struct {
	application
	ID     authority.ID `path:"id"`
	Fetch  int          `query:"fetch" default:"50" min:"1" max:"1000"`
	Offset int          `query:"offset" min:"0"`
}

type conversationResponse struct {
	Data  []comment `json:"data"`
	Total int64     `json:"total"`
}

func (d *Dialect) conversation(ctx context.Context, c authority.Caller, req conversationRequest) (conversationResponse, error) {
	page, err := d.Conversations.Conversation(ctx, c, tasks.CommentQuery{Task: req.ID, Fetch: req.Fetch, Offset: req.Offset})
	if err != nil {
		return conversationResponse{}, err
	}
	out := conversationResponse{Data: make([]comment, len(page.Items)), Total: page.Total}
	for i, item := range page.Items {
		out.Data[i] = commentOf(item)
	}
	return out, nil
}
