package page

import (
	"net/url"
	"strconv"
	"strings"

	"propusk/internal/admin"
)

// Rows is how many lines a page of a list has.
const Rows = 50

// Pager leads through a list. The zero Pager shows nothing.
type Pager struct {
	First, Last, Total int    // rows that are shown, from 1; Total 0 = not counted
	Before, After      string // addresses of the pages beside; "" = none
}

// Offset is where the page begins that the address asks for by "from".
func (v *View) Offset() int {
	n, err := strconv.Atoi(v.Query("from"))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Slice is the part of a list that the address asks for.
func (v *View) Slice() admin.Page { return admin.Page{Offset: v.Offset(), Size: Rows} }

// Numbered makes the pager of a list that is counted, of which shown rows are on
// this page.
func (v *View) Numbered(shown, total int) Pager {
	at := v.Offset()
	p := Pager{First: min(at+1, total), Last: at + shown, Total: total}
	if at > 0 {
		p.Before = v.Here("from", strconv.Itoa(max(0, at-Rows)))
	}
	if at+shown < total && shown > 0 {
		p.After = v.Here("from", strconv.Itoa(at+shown))
	}
	return p
}

// Marked makes the pager of a list that goes on behind a mark: the query's
// "after". next is "" on the last page.
func (v *View) Marked(next string) Pager {
	p := Pager{}
	if next != "" {
		p.After = v.Here("after", next)
	}
	if v.Query("after") != "" {
		p.Before = v.Here("after", "")
	}
	return p
}

// Here is the address of this page with some of its parameters changed: name,
// value, name, value. An empty value takes the parameter away.
func (v *View) Here(pairs ...string) string {
	q := url.Values{}
	for name, values := range v.r.URL.Query() {
		q[name] = values
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Del(pairs[i])
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	at := v.base + v.r.URL.Path
	if len(q) > 0 {
		at += "?" + q.Encode()
	}
	return at
}

// Beside is another address of the stand with the parameters of this one, some
// changed as Here does.
func (v *View) Beside(path string, pairs ...string) string {
	_, query, found := strings.Cut(v.Here(pairs...), "?")
	if !found {
		return v.base + path
	}
	return v.base + path + "?" + query
}
