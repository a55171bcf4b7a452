package page

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
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
	n, _ := strconv.Atoi(v.Query("from")) // checked before a screen is served
	return n
}

// maxOffset is how far into a counted list its pages go.
const maxOffset = 1_000_000_000

// checkQuery refuses what no screen can read in an address: a place that is none,
// and a parameter that says two things at once.
func (v *View) checkQuery() error {
	q, err := url.ParseQuery(v.r.URL.RawQuery)
	if err != nil {
		return authority.Wrap(authority.Malformed, "the address cannot be read", err)
	}
	for name, values := range q {
		if len(values) > 1 && !slices.Contains(v.screen.Several, name) {
			return authority.E(authority.InvalidRequest, "the address says two things at once").With("field", name)
		}
	}
	if from := q.Get("from"); from != "" {
		if n, err := strconv.Atoi(from); err != nil || n < 0 || n > maxOffset {
			return noPlace()
		}
	}
	return nil
}

func noPlace() error {
	return authority.E(authority.InvalidValue, "the address names no place of this list")
}

// Place reads the mark of a place in a list: two numbers with a dash between.
func Place(text string) (first, second int64, err error) {
	one, two, _ := strings.Cut(text, "-")
	first, wrong := strconv.ParseInt(one, 10, 64)
	second, alsoWrong := strconv.ParseInt(two, 10, 64)
	if wrong != nil || alsoWrong != nil || first < 0 || second < 0 || PlaceOf(first, second) != text {
		return 0, 0, noPlace()
	}
	return first, second, nil
}

// PlaceOf writes what Place reads.
func PlaceOf(first, second int64) string {
	return strconv.FormatInt(first, 10) + "-" + strconv.FormatInt(second, 10)
}

// Chosen reads a parameter of the address that must be one of words; "" for none.
func (v *View) Chosen(name string, words ...string) (string, error) {
	word := v.Query(name)
	if word != "" && !slices.Contains(words, word) {
		return "", authority.E(authority.InvalidValue, "the address asks for a choice that there is none of").With("field", name)
	}
	return word, nil
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

// Places seals places in lists for who is shown them; *authority.Authority does.
type Places interface {
	MarkText(c authority.Caller, list, at string) (string, error)
	ReadMarkText(c authority.Caller, list, text string) (string, error)
}

// After is the place in the list that the address asks for, as Marked was given
// it; "" for the beginning. That of another list, filter, user or account is
// refused.
func (v *View) After() (string, error) {
	text := v.Query("after")
	if text == "" {
		return "", nil
	}
	place, err := v.kit.Places.ReadMarkText(v.Caller, v.list(), text)
	if err != nil {
		return "", noPlace()
	}
	return place, nil
}

// Marked makes the pager of a list that goes on behind a place: After gives it to
// the next page. next is "" on the last page.
func (v *View) Marked(next string) (p Pager, err error) {
	if v.Query("after") != "" {
		p.Before = v.Here("after", "")
	}
	if next == "" {
		return p, nil
	}
	text, err := v.kit.Places.MarkText(v.Caller, v.list(), next)
	if err != nil {
		return Pager{}, err
	}
	p.After = v.Here("after", text)
	return p, nil
}

// list names what the page lists: its address with the filters.
func (v *View) list() string { return Dialect + v.Here("after", "") }

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
