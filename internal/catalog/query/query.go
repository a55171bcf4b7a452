package query

import "slices"

// Order is one criterion of $orderby.
type Order struct {
	Field      string
	Descending bool
}

// Query is what a set is asked with. The zero Query asks for all of it.
type Query struct {
	Filter Expr // nil = all
	Order  []Order
	Select []string // nil = every property
	Top    *int     // nil = all
	Skip   int
	Count  bool
}

// Apply gives the rows that q asks for, and how many meet its filter. rows are
// not changed; what $orderby leaves open stays in their order.
func Apply[R Row](q Query, rows []R) (page []R, total int) {
	for _, r := range rows {
		if q.Filter == nil || q.Filter.Test(r) {
			page = append(page, r)
		}
	}
	slices.SortStableFunc(page, func(a, b R) int { return q.compare(a, b) })
	total = len(page)
	page = page[min(q.Skip, total):]
	if q.Top != nil {
		page = page[:min(*q.Top, len(page))]
	}
	return page, total
}

func (q Query) compare(a, b Row) int {
	for _, o := range q.Order {
		c := compare(a.Field(o.Field), b.Field(o.Field))
		if o.Descending {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
