package smarts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/dialect/smarts/odata"
	"propusk/internal/web"
)

const root = "/api/v1"

// setRoutes are what can be read (docs/dialects/smarts.md §2, §3).
func (d *Dialect) setRoutes() []web.Route {
	read := func(path, summary string, req, resp any, serve web.Serve) web.Route {
		return web.Route{
			Method: http.MethodGet, Pattern: root + path, Request: req, Response: resp,
			Summary: summary, Serve: underContext(serve),
		}
	}
	base := read("/BaseInfo", "Say whether authorization is on; needs no credential.", nil, baseInfo{}, d.baseInfo)
	base.Public = true
	return []web.Route{
		base,
		read("/Users", "List users.", listRequest{}, set{}, web.JSON(d.users)),
		read("/Users({key})", "Read a user.", oneRequest{}, object{}, web.JSON(d.user)),
		read("/UserGroups", "List groups of users.", listRequest{}, set{}, web.JSON(d.groups)),
		read("/UserGroups({key})", "Read a group of users.", oneRequest{}, object{}, web.JSON(d.group)),
	}
}

// contextKey carries the address that @odata.context begins with.
type contextKey struct{}

// underContext notes where a set lies, as the client has called it.
func underContext(serve web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		scheme := "http://"
		if r.TLS != nil {
			scheme = "https://"
		}
		path := r.URL.EscapedPath()
		at := strings.LastIndex(strings.ToLower(path), root)
		if at < 0 {
			at = 0
		}
		address := scheme + r.Host + path[:at] + root + "/$metadata#"
		return serve(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, address)), c)
	}
}

// contextOf is the @odata.context of what.
func contextOf(ctx context.Context, what string) string {
	address, _ := ctx.Value(contextKey{}).(string)
	return address + what
}

// shape is how one thing is asked for.
type shape struct {
	Select *string `query:"$select"`
	Format *string `query:"$format"`
	Expand *string `query:"$expand"`
	Search *string `query:"$search"`
	Apply  *string `query:"$apply"`
}

// listRequest is what a set is asked with.
type listRequest struct {
	shape
	Filter  *string `query:"$filter"`
	OrderBy *string `query:"$orderby"`
	Top     *string `query:"$top"`
	Skip    *string `query:"$skip"`
	Count   *string `query:"$count"`
}

// oneRequest names one element. The key is a text in quotes.
type oneRequest struct {
	shape
	Key string `path:"key"`
}

// key reads the key; what cannot be one names nothing.
func (q oneRequest) key() (string, error) {
	inner, ok := strings.CutPrefix(q.Key, "'")
	inner, closed := strings.CutSuffix(inner, "'")
	bare := strings.ReplaceAll(inner, "''", "")
	if !ok || !closed || strings.Contains(bare, "'") {
		return "", authority.E(authority.NotFound, "there is nothing with this key")
	}
	return strings.ReplaceAll(inner, "''", "'"), nil
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
		return authority.E(authority.InvalidValue, name+": "+at.Error()).With("parameter", name)
	}
	*into = got
	return err
}

// fields reads $select, and refuses options that mean nothing here rather than
// answer something else than was asked.
func (q shape) fields(s odata.Schema) (names []string, err error) {
	for name, text := range map[string]*string{"$expand": q.Expand, "$search": q.Search, "$apply": q.Apply} {
		if text != nil {
			return nil, authority.E(authority.InvalidValue, name+": this option is not taken here, at position 1").With("parameter", name)
		}
	}
	if q.Format != nil && *q.Format != "json" && !strings.HasPrefix(*q.Format, "application/json") {
		return nil, authority.E(authority.NotAcceptable, "$format must be json")
	}
	err = read("$select", q.Select, &names, func(t string) ([]string, error) { return odata.Select(t, s) })
	return names, err
}

// query reads all options of a set.
func (q listRequest) query(s odata.Schema) (out odata.Query, err error) {
	if out.Select, err = q.fields(s); err != nil {
		return out, err
	}
	top := 0
	err = errors.Join(
		read("$filter", q.Filter, &out.Filter, func(t string) (odata.Expr, error) { return odata.Filter(t, s) }),
		read("$orderby", q.OrderBy, &out.Order, func(t string) ([]odata.Order, error) { return odata.Orders(t, s) }),
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
	Count   *int     `json:"@odata.count,omitempty"`
	Value   []object `json:"value"`
}

// answerSet applies q to rows.
func answerSet[R odata.Row](ctx context.Context, name string, s odata.Schema, q listRequest, rows []R) (set, error) {
	query, err := q.query(s)
	if err != nil {
		return set{}, err
	}
	page, total := odata.Apply(query, rows)
	out := set{Context: contextOf(ctx, name+projection(query.Select)), Value: make([]object, len(page))}
	if query.Count {
		out.Count = &total
	}
	for i, r := range page {
		out.Value[i] = objectOf(s, query.Select, r)
	}
	return out, nil
}

// answerOne gives one row.
func answerOne(ctx context.Context, name string, s odata.Schema, q oneRequest, r odata.Row) (object, error) {
	names, err := q.fields(s)
	if err != nil {
		return nil, err
	}
	first := member{"@odata.context", odata.Text(contextOf(ctx, name+projection(names)+"/$entity"))}
	return append(object{first}, objectOf(s, names, r)...), nil
}

// projection names the properties that were chosen. OData 4.01 Protocol §10.7
func projection(names []string) string {
	if names == nil {
		return ""
	}
	return "(" + strings.Join(names, ",") + ")"
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value odata.Value
}

func objectOf(s odata.Schema, names []string, r odata.Row) object {
	var out object
	for _, f := range s {
		if names == nil || slices.Contains(names, f.Name) {
			out = append(out, member{f.Name, r.Field(f.Name)})
		}
	}
	return out
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	for i, m := range o {
		buf.WriteByte("{,"[min(i, 1)])
		if err := errors.Join(enc.Encode(m.name), buf.WriteByte(':'), enc.Encode(plain(m.value))); err != nil {
			return nil, err
		}
	}
	if len(o) == 0 {
		buf.WriteByte('{')
	}
	buf.WriteByte('}')
	return buf.Bytes(), nil
}

// plain gives a value as package json knows it.
func plain(v odata.Value) any {
	switch v.Kind {
	case odata.StringKind:
		return v.Text
	case odata.NumberKind:
		return v.Number
	case odata.BoolKind:
		return v.Bool
	case odata.TimeKind:
		return v.Time
	case odata.NullKind:
	}
	return nil
}
