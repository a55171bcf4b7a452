package hubex

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"time"

	"propusk/internal/authority"
	"propusk/internal/tasks"
	"propusk/internal/web"
)

// taskFields is what a body may say about a work order, for documentation; the
// handlers read members. Unknown names are ignored.
type taskFields struct {
	Title       string       `json:"title"       example:"No heating"`
	Description string       `json:"description" example:"Third entrance, the whole riser is cold"`
	AreaID      authority.ID `json:"areaID"      about:"Where the work is"`
	AssignedTo  authority.ID `json:"assignedTo"  about:"Who does it"`
	Company     string       `json:"company"     example:"Housing office 7"`
	Deadline    time.Time    `json:"deadline"    example:"2030-01-31T12:00:00Z"`
}

// once is how a client makes a creation repeatable.
type once struct {
	Stamp string `header:"X-Concurrency-Stamp" about:"A UUID that makes the creation repeatable"`
	Key   string `header:"Idempotency-Key" about:"A repeat with the same key gets the first answer"`
}

// stamped refuses a stamp that is there and empty: who sends one means a creation
// that may be repeated.
func stamped(serve web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		if sent := r.Header.Values("X-Concurrency-Stamp"); len(sent) == 1 && sent[0] == "" {
			_, err := tasks.ParseStamp("")
			return err
		}
		return serve(w, r, c)
	}
}

// createFields documents createRequest.
type createFields struct {
	application
	once
	taskFields
}

type createRequest struct {
	application
	once
	Body json.RawMessage `body:"json"`
}

type createResponse struct {
	ID               string `json:"id"`
	Number           string `json:"number"`
	ConcurrencyStamp string `json:"concurrencyStamp"`

	replayed bool
}

// StatusCode implements web.Statuser.
func (c createResponse) StatusCode() int { return http.StatusCreated }

// SetHeaders implements web.Headerer.
func (c createResponse) SetHeaders(h http.Header) {
	h.Set("Location", "/fsm/WORK/Tasks/"+c.ID)
	if c.replayed {
		h.Set("Idempotent-Replayed", "true")
	}
}

func (d *Dialect) create(ctx context.Context, c authority.Caller, req createRequest) (createResponse, error) {
	m, err := readObject(req.Body)
	if err != nil {
		return createResponse{}, err
	}
	draft, err := m.draft()
	if err != nil {
		return createResponse{}, err
	}
	digest, err := digestOf(draft)
	if err != nil {
		return createResponse{}, err
	}
	made, err := d.Tasks.Create(ctx, c, draft, tasks.Once{Stamp: req.Stamp, Key: req.Key, Digest: digest})
	if err != nil {
		return createResponse{}, err
	}
	return createResponse{idText(made.ID), made.NumberText(), made.Stamp, made.Replayed}, nil
}

// digestOf is what an Idempotency-Key stands for: the request as it was
// understood, so that a client may write the same JSON anew for a retry.
func digestOf(draft tasks.Draft) ([sha256.Size]byte, error) {
	text, err := json.Marshal(draft)
	if err != nil {
		return [sha256.Size]byte{}, authority.Wrap(authority.InvalidValue, "deadline cannot be kept", err)
	}
	return sha256.Sum256(append([]byte("POST /fsm/WORK/Tasks\n"), text...)), nil
}

// changeFields documents changeRequest, whose body may also be a list of
// {"field","value"}.
type changeFields struct {
	changePath
	taskFields
	ConcurrencyStamp string `json:"concurrencyStamp" about:"That of the last read: a change in between is 409"`
}

type changePath struct {
	application
	ID authority.ID `path:"id"`
}

type changeRequest struct {
	changePath
	Body json.RawMessage `body:"json"`
}

type changeResponse struct {
	ID               string `json:"id"`
	Number           string `json:"number"`
	ConcurrencyStamp string `json:"concurrencyStamp"`
}

// StatusCode implements web.Statuser: the documented 202, although the change is
// done by then.
func (c changeResponse) StatusCode() int { return http.StatusAccepted }

func (d *Dialect) change(ctx context.Context, c authority.Caller, req changeRequest) (changeResponse, error) {
	m, err := readMembers(req.Body)
	if err != nil {
		return changeResponse{}, err
	}
	patch, err := m.patch()
	if err != nil {
		return changeResponse{}, err
	}
	if patch.Stamp, err = m.stamp(); err != nil {
		return changeResponse{}, err
	}
	t, err := d.Tasks.Change(ctx, c, req.ID, patch)
	if err != nil {
		return changeResponse{}, err
	}
	return changeResponse{idText(t.ID), t.NumberText(), t.Stamp}, nil
}

type removeRequest struct{ changePath }

// accepted is 202 without a body.
type accepted struct{}

// StatusCode implements web.Statuser.
func (accepted) StatusCode() int { return http.StatusAccepted }

// JSONBody implements web.Bodier.
func (accepted) JSONBody() any { return nil }

func (d *Dialect) remove(ctx context.Context, c authority.Caller, req removeRequest) (accepted, error) {
	return accepted{}, d.Tasks.Remove(ctx, c, req.ID)
}
