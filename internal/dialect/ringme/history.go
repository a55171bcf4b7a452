package ringme

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/web"
)

// Calls reads the history of calls and their recordings; *calls.Service does.
type Calls interface {
	Calls(ctx context.Context, c authority.Caller, q calls.Query) (calls.Page, error)
	Call(ctx context.Context, c authority.Caller, id authority.ID) (calls.Call, error)
	Recordings(ctx context.Context, c authority.Caller, q calls.RecordingQuery) (calls.RecordingPage, error)
	Recording(ctx context.Context, c authority.Caller, id authority.ID) (calls.Recording, error)
	Open(ctx context.Context, c authority.Caller, id authority.ID) (calls.Recording, io.ReadSeekCloser, error)
	DeleteRecording(ctx context.Context, c authority.Caller, id authority.ID) error
}

func (d *Dialect) historyRoutes() []web.Route {
	const list = base + "/client/{client}/call_history"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: list, Permission: calls.CallsList, Request: historyRequest{}, Response: history{},
			Summary: "List calls, newest first.", Serve: formed(web.JSON(d.history)),
		},
		{
			Method: http.MethodGet, Pattern: list + "/{call}", Permission: calls.CallsList, Request: callRequest{}, Response: call{},
			Summary: "Read one call.", Serve: web.JSON(d.call),
		},
	}
}

// Bounds of a list.
const (
	usualPage = 20
	maxOffset = calls.MaxOffset // rows that are counted off to reach a page; pages read one after the other have none
)

// paging says which page of a list is wanted.
type paging struct {
	Start   moment `query:"start_datetime" example:"2024-05-20 00:00:00"`
	End     moment `query:"end_datetime" example:"2030-01-01"`
	PerPage int    `query:"per_page" default:"20" min:"1" max:"1000"`
	Page    int    `query:"page" default:"1" min:"1" max:"1000000000"`
	Order   order  `query:"order" default:"desc" enum:"asc,desc" about:"By the beginning of calls"`
}

// errWord refuses a word that a parameter does not have.
var errWord = errors.New("no such word")

// order is "asc" or "desc", by the beginning of calls.
type order string

const (
	ascending  order = "asc"
	descending order = "desc"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *order) UnmarshalText(text []byte) error {
	*o = order(strings.ToLower(string(text)))
	if *o != ascending && *o != descending {
		return errWord
	}
	return nil
}

// Words implements bind.Worded.
func (order) Words() string { return "asc or desc" }

// flow is the direction of a call: "in", "out" or "internal".
type flow struct{ of calls.Direction }

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *flow) UnmarshalText(text []byte) error {
	for _, direction := range calls.Directions() {
		if strings.EqualFold(direction.String(), string(text)) {
			f.of = direction
			return nil
		}
	}
	return errWord
}

// Words implements bind.Worded.
func (flow) Words() string { return "in, out or internal" }

type historyRequest struct {
	ofClient
	paging

	Flow      *flow        `query:"flow" enum:"in,out,internal" about:"The direction of calls"`
	Extension authority.ID `query:"extension_id" about:"Only calls of this extension"`
}

// history is a page of calls. docs/dialects/ringme.md §3
type history struct {
	Page        int    `json:"page"`
	PerPage     int    `json:"per_page"`
	Order       order  `json:"order"`
	CallHistory []call `json:"call_history"`

	more bool
}

// NextPage implements web.Pager.
func (h history) NextPage() map[string]string { return nextPage(h.Page, h.more) }

func nextPage(page int, more bool) map[string]string {
	if !more {
		return nil
	}
	return map[string]string{"page": strconv.Itoa(page + 1)}
}

// rows is a page of a list that is a bare array.
type rows[T any] struct {
	items []T
	page  int
	more  bool
}

// JSONBody implements web.Bodier.
func (r rows[T]) JSONBody() any { return r.items }

// NextPage implements web.Pager.
func (r rows[T]) NextPage() map[string]string { return nextPage(r.page, r.more) }

type call struct {
	CallUUID     string `json:"call_uuid"`
	Flow         string `json:"flow"`
	Result       string `json:"result"`
	Duration     int64  `json:"duration" about:"Seconds, from the beginning to the end"`
	InitTime     string `json:"init_time_gmt"`
	FromUsername string `json:"from_username"`
	ToUsername   string `json:"to_username"`
	CDR          []cdr  `json:"cdr"`
}

type cdr struct {
	RecordUUID string `json:"record_uuid"`
}

func callOf(c calls.Call) call {
	out := call{
		CallUUID: calls.FormatID(c.ID), Flow: c.Direction.String(), Result: resultOf(c.Disposition),
		Duration: int64(c.Duration / time.Second), InitTime: c.Begun.Format(wireTime),
		FromUsername: c.From.Number, ToUsername: c.To.Number, CDR: []cdr{},
	}
	for _, r := range c.Recordings {
		out.CDR = append(out.CDR, cdr{calls.FormatID(r.ID)})
	}
	return out
}

// resultOf is this API's word for how a call ended.
func resultOf(d calls.Disposition) string {
	if d == calls.NoAnswer {
		return "not answered"
	}
	return strings.ToLower(d.String())
}

func (d *Dialect) history(ctx context.Context, c authority.Caller, r historyRequest) (history, error) {
	if err := r.own(c); err != nil {
		return history{}, err
	}
	q := calls.Query{Period: period(r.Start, r.End), Extension: r.Extension, Ascending: r.Order == ascending, Limit: r.PerPage}
	if r.Flow != nil {
		q.Directions = []calls.Direction{r.Flow.of}
	}
	place := d.marks.place(c, "call_history", r.paging, r.Flow, r.Extension)
	var err error
	if q.After, q.Offset, err = place.find(); err != nil {
		return history{}, err
	}
	page, err := d.Calls.Calls(ctx, c, q)
	if err != nil {
		return history{}, err
	}
	if page.More {
		place.keep(page.Next())
	}
	out := history{Page: r.Page, PerPage: r.PerPage, Order: r.Order, CallHistory: make([]call, len(page.Items)), more: page.More}
	for i, found := range page.Items {
		out.CallHistory[i] = callOf(found)
	}
	return out, nil
}

type callRequest struct {
	ofClient

	Call string `path:"call" about:"call_uuid, as the list gives it"`
}

func (d *Dialect) call(ctx context.Context, c authority.Caller, r callRequest) (call, error) {
	if err := r.own(c); err != nil {
		return call{}, err
	}
	id, err := calls.ParseID(r.Call)
	if err != nil {
		return call{}, err
	}
	found, err := d.Calls.Call(ctx, c, id)
	if err != nil {
		return call{}, err
	}
	return callOf(found), nil
}
