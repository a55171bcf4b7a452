package element

import (
	"strconv"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

const (
	defaultSize = 25
	maxRows     = 1000
)

// paging is how a list is asked for. With none of it the answer is a bare array.
type paging struct {
	Page   *int   `query:"page" min:"0" max:"1000000000" about:"From 0; with it the answer is a page object"`
	Size   *int   `query:"size" min:"1" max:"1000" about:"Rows of a page"`
	Result string `query:"result" enum:"array,page" about:"The shape of the answer"`
}

// window is the part of a list that was asked for.
type window struct {
	number int
	size   int
	object bool // answered as a page object
}

// window reads what was asked: without page and size an array of at most 1000
// rows, with one of them a page, unless result says otherwise.
func (p paging) window() (window, error) {
	w := window{size: maxRows}
	asked := p.Page != nil || p.Size != nil
	switch p.Result {
	case "":
		w.object = asked
	case "array":
	case "page":
		w.object, asked = true, true
	default:
		return w, authority.E(authority.InvalidValue, "result must be array or page").With("parameter", "result")
	}
	if asked {
		w.size = defaultSize
	}
	if p.Page != nil {
		w.number = *p.Page
	}
	if p.Size != nil {
		w.size = *p.Size
	}
	return w, nil
}

// page is the part as package admin counts it.
func (w window) page() (admin.Page, error) {
	offset := w.number * w.size
	if offset > 1<<31 {
		return admin.Page{}, authority.E(authority.InvalidValue, "page lies beyond every list").
			With("parameter", "page").With("limit", strconv.Itoa(1<<31/w.size))
	}
	return admin.Page{Offset: offset, Size: w.size}, nil
}

// pageObject is the answer with result=page.
type pageObject[T any] struct {
	Content          []T  `json:"content"`
	Number           int  `json:"number"`
	Size             int  `json:"size"`
	NumberOfElements int  `json:"numberOfElements"`
	TotalElements    int  `json:"totalElements"`
	TotalPages       int  `json:"totalPages"`
	First            bool `json:"first"`
	Last             bool `json:"last"`
}

// listing is the answer of every list: a page object or a bare array.
type listing[T any] struct {
	window

	items []T
	total int
}

// listed turns rows of package admin into an answer.
func listed[R, T any](w window, rows admin.List[R], show func(R) T) listing[T] {
	l := listing[T]{window: w, items: make([]T, len(rows.Items)), total: rows.Total}
	for i, row := range rows.Items {
		l.items[i] = show(row)
	}
	return l
}

func (l listing[T]) last() bool { return (l.number+1)*l.size >= l.total }

// JSONBody implements web.Bodier.
func (l listing[T]) JSONBody() any {
	if !l.object {
		return l.items
	}
	return pageObject[T]{
		Content: l.items, Number: l.number, Size: l.size, NumberOfElements: len(l.items), TotalElements: l.total,
		TotalPages: (l.total + l.size - 1) / l.size, First: l.number == 0, Last: l.last(),
	}
}

// Bodies implements web.Varied.
func (l listing[T]) Bodies() []any { return []any{l.items, pageObject[T]{}} }

// Statuses implements web.Varied.
func (l listing[T]) Statuses() []int { return nil }

// NextPage implements web.Pager.
func (l listing[T]) NextPage() map[string]string {
	if l.last() {
		return nil
	}
	result := "array"
	if l.object {
		result = "page"
	}
	return map[string]string{"page": strconv.Itoa(l.number + 1), "size": strconv.Itoa(l.size), "result": result}
}

// page reads a list of package admin.
func page[R, T any](p paging, show func(R) T, read func(admin.Page) (admin.List[R], error)) (listing[T], error) {
	w, err := p.window()
	if err != nil {
		return listing[T]{}, err
	}
	at, err := w.page()
	if err != nil {
		return listing[T]{}, err
	}
	rows, err := read(at)
	if err != nil {
		return listing[T]{}, err
	}
	return listed(w, rows, show), nil
}
