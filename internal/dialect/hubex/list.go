package hubex

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/tasks"
)

// listRequest is what a list of work orders is asked with.
type listRequest struct {
	application
	Fetch     int          `query:"fetch" default:"50" min:"1" max:"1000" about:"Rows of a page"`
	Offset    int          `query:"offset" min:"0" about:"Rows before the page"`
	IsClosed  *bool        `query:"isClosed"`
	IsDeleted bool         `query:"isDeleted"`
	Search    string       `query:"searchText" about:"In number, title and description"`
	Stage     authority.ID `query:"taskStageID" min:"1"`
	Area      authority.ID `query:"areaID" min:"1"`
	Assignee  authority.ID `query:"assignedTo" min:"1"`

	CreationFrom     moment `query:"creationFrom" example:"2024-05-20T10:00:00Z"`
	CreationTill     moment `query:"creationTill" about:"A date alone: to the end of that day"`
	DeadlineFrom     moment `query:"deadlineFrom"`
	DeadlineTill     moment `query:"deadlineTill" about:"A date alone: to the end of that day"`
	LastModifiedFrom moment `query:"lastModifiedFrom"`
	LastModifiedTill moment `query:"lastModifiedTill" about:"A date alone: to the end of that day"`

	OrderBy       string `query:"orderBy" default:"created" enum:"created,lastModified,deadline,number"`
	SortDirection int    `query:"sortDirection" default:"2" min:"1" max:"2" about:"1 ascending, 2 descending"`
	Shape         string `query:"shape" enum:"list,map" about:"map: an object keyed by id"`
	Range         string `header:"Range" example:"items=1-50" about:"Wins over fetch and offset"`
}

// filter gives the request in the words of tasks, without its page.
func (q listRequest) filter() (tasks.Filter, error) {
	order, err := q.order()
	return tasks.Filter{
		Closed: q.IsClosed, Deleted: q.IsDeleted, Search: q.Search,
		Stage: q.Stage, Area: q.Area, Assignee: q.Assignee,
		Created:  between(q.CreationFrom, q.CreationTill),
		Deadline: between(q.DeadlineFrom, q.DeadlineTill),
		Modified: between(q.LastModifiedFrom, q.LastModifiedTill),
		OrderBy:  order, Ascending: q.SortDirection == 1,
	}, err
}

func (q listRequest) order() (tasks.OrderBy, error) {
	for _, o := range []tasks.OrderBy{tasks.ByCreated, tasks.ByModified, tasks.ByDeadline, tasks.ByNumber} {
		if strings.EqualFold(q.OrderBy, string(o)) {
			return o, nil
		}
	}
	return "", authority.E(authority.InvalidValue, "orderBy must be created, lastModified, deadline or number").
		With("parameter", "orderBy")
}

// asMap reports whether the answer is to be an object keyed by id.
func (q listRequest) asMap(c authority.Caller) (bool, error) {
	shape := q.Shape
	if shape == "" {
		shape = c.Account().Settings.Shape[Name]
	}
	switch strings.ToLower(shape) {
	case "", "list":
		return false, nil
	case "map":
		return true, nil
	}
	return false, authority.E(authority.InvalidValue, "shape must be list or map").With("parameter", "shape")
}

// listResponse is the documented body with what the head says about it.
type listResponse struct {
	Data  []task `json:"data"`
	Total int64  `json:"total"`

	shape  func(listResponse) any // nil = the documented one
	ranged string                 // Content-Range; "" = the whole page was not asked for by range
	offset int                    // rows before the page
}

// NextPage implements web.Pager. Whoever asks by range goes on by range.
func (l listResponse) NextPage() map[string]string {
	next := int64(l.offset + len(l.Data))
	if l.ranged != "" || len(l.Data) == 0 || next >= l.Total {
		return nil
	}
	return map[string]string{"offset": strconv.FormatInt(next, 10)}
}

// StatusCode implements web.Statuser.
func (l listResponse) StatusCode() int {
	if l.ranged != "" {
		return http.StatusPartialContent
	}
	return http.StatusOK
}

// SetHeaders implements web.Headerer.
func (l listResponse) SetHeaders(h http.Header) {
	h.Set("Accept-Ranges", "items")
	if l.ranged != "" {
		h.Set("Content-Range", l.ranged)
	}
}

// plainList is a listResponse in its documented shape.
type plainList struct {
	Data  []task `json:"data"`
	Total int64  `json:"total"`
}

// JSONBody implements web.Bodier.
func (l listResponse) JSONBody() any {
	if l.shape != nil {
		return l.shape(l)
	}
	return plainList{l.Data, l.Total}
}

// Bodies implements web.Varied.
func (l listResponse) Bodies() []any { return []any{plainList{}, map[string]task{}} }

// Statuses implements web.Varied.
func (l listResponse) Statuses() []int { return []int{http.StatusOK, http.StatusPartialContent} }

func (d *Dialect) list(ctx context.Context, c authority.Caller, q listRequest) (listResponse, error) {
	asMap, err := q.asMap(c)
	if err != nil {
		return listResponse{}, err
	}
	filter, err := q.filter()
	if err != nil {
		return listResponse{}, err
	}
	part, ranged, err := parseRange(q.Range)
	if err != nil {
		return listResponse{}, err
	}
	filter.Fetch, filter.Offset = q.Fetch, q.Offset
	if ranged {
		filter.Fetch, filter.Offset = part.page()
	}
	page, err := d.Tasks.Tasks(ctx, c, filter)
	if err != nil {
		return listResponse{}, err
	}
	out := listResponse{Data: tasksOf(page.Items), Total: page.Total, offset: q.Offset}
	if asMap {
		out.shape = func(l listResponse) any { return byID(l.Data) }
	}
	if ranged {
		out.ranged, err = rangeOf(part, page.Total)
	}
	return out, err
}

// rangeOf is the Content-Range of part, or says that it lies past the end.
func rangeOf(part span, total int64) (string, error) {
	got, ok := part.within(total)
	if !ok {
		return "", authority.E(authority.RangeUnsatisfiable, "the range begins past the end of the list").
			With("total", strconv.FormatInt(total, 10))
	}
	return got.contentRange(total), nil
}

// countResponse is the answer to HEAD: the head alone.
type countResponse struct {
	status int
	ranged string
}

// StatusCode implements web.Statuser.
func (n countResponse) StatusCode() int { return n.status }

// SetHeaders implements web.Headerer.
func (n countResponse) SetHeaders(h http.Header) {
	h.Set("Accept-Ranges", "items")
	h.Set("Content-Range", n.ranged)
	h.Set("Content-Type", "application/json; charset=utf-8")
}

// JSONBody implements web.Bodier.
func (n countResponse) JSONBody() any { return nil }

// count answers HEAD. Without a range it says "items 0-0/total", as the live
// service does.
func (d *Dialect) count(ctx context.Context, c authority.Caller, q listRequest) (countResponse, error) {
	if _, err := q.asMap(c); err != nil {
		return countResponse{}, err
	}
	filter, err := q.filter()
	if err != nil {
		return countResponse{}, err
	}
	part, ranged, err := parseRange(q.Range)
	if err != nil {
		return countResponse{}, err
	}
	page, err := d.Tasks.Tasks(ctx, c, filter)
	if err != nil {
		return countResponse{}, err
	}
	if !ranged {
		return countResponse{http.StatusOK, span{}.contentRange(page.Total)}, nil
	}
	text, err := rangeOf(part, page.Total)
	return countResponse{http.StatusPartialContent, text}, err
}
