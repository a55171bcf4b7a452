package smarts

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
	"propusk/internal/dialect/smarts/odata"
)

// shape is how one thing is asked for.
type shape struct {
	Select *string `query:"$select" about:"Properties, separated by commas"`
	Expand *string `query:"$expand" about:"declaredItems, currentItems: of documents"`
	Format *string `query:"$format" enum:"json"`
	Search *string `query:"$search" about:"Not taken here"`
	Apply  *string `query:"$apply" about:"Not taken here"`
}

// listRequest is what a set is asked with.
type listRequest struct {
	shape
	Filter    *string `query:"$filter" example:"contains(name,'a')" about:"eq ne gt ge lt le and or not contains startswith"`
	OrderBy   *string `query:"$orderby" example:"name desc"`
	Top       *string `query:"$top" example:"10"`
	Skip      *string `query:"$skip" example:"0"`
	Count     *string `query:"$count" enum:"true,false"`
	SkipToken *string `query:"$skiptoken" about:"A place in the list, from @odata.nextLink"`
}

// oneRequest names one element. The key is a text in quotes.
type oneRequest struct {
	shape
	Key string `path:"key" about:"In single quotes, a quote within them twice"`
}

// keyOf reads the key; what cannot be one names nothing.
func keyOf(text string) (string, error) {
	inner, ok := strings.CutPrefix(text, "'")
	inner, closed := strings.CutSuffix(inner, "'")
	bare := strings.ReplaceAll(inner, "''", "")
	if !ok || !closed || strings.Contains(bare, "'") {
		return "", authority.E(authority.NotFound, "there is nothing with this key")
	}
	return norm.NFC.String(strings.ReplaceAll(inner, "''", "'")), nil // rule 19
}

// read turns an option into its tree. An option that was not sent leaves into as
// it is.
func read[T any](name string, text *string, into *T, parse func(string) (T, error)) error {
	if text == nil {
		return nil
	}
	got, err := parse(*text)
	var at *odata.Error
	if errors.As(err, &at) {
		return refused(name, at.Error())
	}
	*into = got
	return err
}

func refused(option, message string) error {
	return authority.E(authority.InvalidValue, option+": "+message).With("parameter", option)
}

// chosen reads $select and $expand, and refuses options that mean nothing here
// rather than answer something else than was asked.
func (q shape) chosen(e entity) (c chosen, err error) {
	for name, text := range map[string]*string{"$search": q.Search, "$apply": q.Apply} {
		if text != nil {
			return c, refused(name, "this option is not taken here, at position 1")
		}
	}
	if q.Expand != nil && e.expand == nil {
		return c, refused("$expand", "this option is not taken here, at position 1")
	}
	if q.Format != nil && *q.Format != "json" && !strings.HasPrefix(*q.Format, "application/json") {
		return c, authority.E(authority.NotAcceptable, "$format must be json")
	}
	err = errors.Join(
		read("$select", q.Select, &c.names, func(t string) ([]string, error) { return odata.Select(t, e.schema) }),
		read("$expand", q.Expand, &c.expand, func(t string) ([]string, error) { return odata.Expand(t, e.expand) }),
	)
	return c, err
}

// query reads all options of a set.
func (q listRequest) query(s query.Schema) (out query.Query, err error) {
	top := 0
	err = errors.Join(
		read("$filter", q.Filter, &out.Filter, func(t string) (query.Expr, error) { return odata.Filter(t, s) }),
		read("$orderby", q.OrderBy, &out.Order, func(t string) ([]query.Order, error) { return odata.Orders(t, s) }),
		read("$top", q.Top, &top, odata.Number),
		read("$skip", q.Skip, &out.Skip, odata.Number),
		read("$count", q.Count, &out.Count, odata.Truth),
	)
	if q.Top != nil {
		out.Top = &top
	}
	return out, err
}

// set is a page of a set as it is written.
type set struct {
	Context string   `json:"@odata.context"`
	Count   *int64   `json:"@odata.count,omitempty"`
	Value   []object `json:"value"`
	Next    string   `json:"@odata.nextLink,omitempty"`
}

// listed applies q to rows that are all there.
func listed[R query.Row](ctx context.Context, e entity, q listRequest, rows []R) (set, error) {
	c, err := q.chosen(e)
	if err != nil {
		return set{}, err
	}
	asked, err := q.query(e.schema)
	if err != nil {
		return set{}, err
	}
	if q.SkipToken != nil {
		return set{}, refused("$skiptoken", "this set has no further page, at position 1")
	}
	page, total := query.Apply(asked, rows)
	out := set{Context: contextOf(ctx, e.set+c.context()), Value: make([]object, len(page))}
	if asked.Count {
		count := int64(total)
		out.Count = &count
	}
	for i, r := range page {
		out.Value[i] = e.object(c, r)
	}
	return out, nil
}

// pager reads pages of a set that is kept in the database.
type pager[T any] struct {
	entity entity
	page   func(context.Context, authority.Caller, catalog.Lookup) (catalog.Page[T], error)
	row    func(T) element
	of     string // the type of documents; "" = all
}

// list answers q with a page and the address of the next.
func (p pager[T]) list(ctx context.Context, c authority.Caller, q listRequest) (set, error) {
	shown, err := q.chosen(p.entity)
	if err != nil {
		return set{}, err
	}
	l := catalog.Lookup{Type: p.of, Items: shown.expand != nil}
	if l.Query, err = q.query(p.entity.schema); err != nil {
		return set{}, err
	}
	mark := bookmark{c, p.entity, p.of, q}
	if q.SkipToken != nil {
		if l.After, err = mark.open(*q.SkipToken, l.Order); err != nil {
			return set{}, err
		}
	}
	page, err := p.page(ctx, c, l)
	if err != nil {
		return set{}, err
	}
	out := set{Context: contextOf(ctx, p.entity.set+shown.context()), Value: make([]object, len(page.Items))}
	if l.Count {
		out.Count = &page.Total
	}
	for i, v := range page.Items {
		out.Value[i] = p.entity.object(shown, p.row(v))
	}
	if left := l.Top; page.Next != nil && (left == nil || *left > len(page.Items)) {
		out.Next, err = nextLink(ctx, mark.text(*page.Next), left, len(page.Items))
	}
	return out, err
}

// nextLink is where the next page is: what was asked, from the place on. What is no
// option is left out: it might be a secret.
func nextLink(ctx context.Context, token string, top *int, had int) (string, error) {
	at := addressOf(ctx)
	asked, err := url.ParseQuery(at.query)
	if err != nil {
		return "", err
	}
	maps.DeleteFunc(asked, func(name string, _ []string) bool { return !slices.Contains(options(), name) })
	asked.Del("$skip")
	if top != nil {
		asked.Set("$top", strconv.Itoa(*top-had))
	}
	asked.Set("$skiptoken", token)
	return at.self + "?" + strings.ReplaceAll(asked.Encode(), "%24", "$"), nil
}
