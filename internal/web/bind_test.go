package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/web"
)

type listing struct {
	ID     authority.ID `path:"id"`
	Fetch  int          `query:"fetch" default:"50" min:"1" max:"1000"`
	Offset int          `query:"offset" min:"0"`
	Closed *bool        `query:"isClosed"`
	From   *time.Time   `query:"creationFrom"`
	Order  string       `query:"orderBy" default:"created"`
	Areas  []int64      `query:"areas"`
	Stamp  string       `header:"X-Concurrency-Stamp"`
}

func list(target string, opts []web.Option, header ...string) (got listing, ignored string, err error) {
	serve := web.JSON(func(_ context.Context, _ authority.Caller, l listing) (web.NoContent, error) {
		got = l
		return web.NoContent{}, nil
	}, opts...)
	r := httptest.NewRequest("GET", "/x?"+target, nil)
	r.SetPathValue("id", "12")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	err = serve(w, r, authority.Caller{})
	return got, w.Header().Get("X-Ignored-Parameters"), err
}

func TestBinds(t *testing.T) {
	yes := true
	from := time.Date(2024, 5, 20, 0, 0, 0, 0, time.UTC)
	got, ignored, err := list("fetch=10&isClosed=1&creationFrom=2024-05-20&areas=1,2&x=1&%D0%B6=2&a%0Ab=", []web.Option{web.NameIgnored},
		"X-Concurrency-Stamp", "s")
	want := listing{ID: 12, Fetch: 10, Closed: &yes, From: &from, Order: "created", Areas: []int64{1, 2}, Stamp: "s"}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v %v", got, err)
	}
	if ignored != "x, %D0%B6, a%0Ab" {
		t.Errorf("ignored %q", ignored)
	}
	if got, _, err := list("", nil); err != nil || got.Fetch != 50 || got.Closed != nil {
		t.Errorf("defaults: %+v %v", got, err)
	}
	if got, _, err := list("FETCH=3", []web.Option{web.FoldKeys}); err != nil || got.Fetch != 3 {
		t.Errorf("folded: %+v %v", got, err)
	}
	if got, _, err := list("creationFrom=2024-05-20T10:00:00+03:00", nil); err != nil || got.From.Hour() != 10 {
		t.Errorf("a plus sign that was not encoded: %+v %v", got.From, err)
	}
}

func TestBindRefuses(t *testing.T) {
	for target, want := range map[string]authority.Code{
		"fetch=0": authority.InvalidValue, "fetch=1001": authority.InvalidValue, "fetch=x": authority.InvalidValue,
		"fetch=": authority.InvalidValue, "fetch=1.5": authority.InvalidValue, "fetch=%2B5": authority.InvalidValue,
		"fetch=99999999999999999999": authority.InvalidValue, "offset=-1": authority.InvalidValue,
		"isClosed=yes": authority.InvalidValue, "isClosed=": authority.InvalidValue, "creationFrom=x": authority.InvalidValue,
		"creationFrom=2024-13-01": authority.InvalidValue, "areas=1,x": authority.InvalidValue,
		"fetch=1&fetch=2": authority.InvalidRequest, "fetch=1&f%65tch=2": authority.InvalidRequest,
		"fetch=%zz": authority.Malformed, "x=%ff": authority.Malformed, "x=%00": authority.Malformed, "a;b": authority.Malformed,
		strings.Repeat("a&", 1001): authority.InvalidRequest,
	} {
		_, _, err := list(target, nil)
		if authority.CodeOf(err) != want {
			t.Errorf("%.40q: %v, want %s", target, err, want)
		}
		var e *authority.Error
		if errors.As(err, &e) && e.Code == authority.InvalidValue && e.Fields["parameter"] == "" {
			t.Errorf("%q: the error does not name the parameter", target)
		}
	}
	if _, _, err := list("", nil, "X-Concurrency-Stamp", "a", "X-Concurrency-Stamp", "b"); authority.CodeOf(err) != authority.InvalidRequest {
		t.Errorf("two headers: %v", err)
	}
}

type grantForm struct {
	Type   string           `form:"grant_type"    required:"true"`
	Secret authority.Secret `form:"client_secret"`
}

func TestForm(t *testing.T) {
	var got grantForm
	serve := web.JSON(func(_ context.Context, _ authority.Caller, g grantForm) (web.NoContent, error) {
		got = g
		return web.NoContent{}, nil
	})
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		kind, body string
		want       authority.Code
	}{
		{form, "grant_type=a&client_secret=b%2Bc&other=1", ""},
		{form + "; charset=utf-8", "grant_type=a&client_secret=b%2Bc", ""},
		{form, "grant_type=a&grant_type=a", authority.InvalidRequest},
		{form, "client_secret=a", authority.InvalidRequest},
		{form, "grant_type=%", authority.Malformed},
		{"text/plain", "grant_type=a", authority.UnsupportedMedia},
		{"", "grant_type=a", authority.UnsupportedMedia},
		{"application/json", `{"grant_type":"a","client_secret":"b+c"}`, authority.UnsupportedMedia},
	} {
		got = grantForm{}
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		err := serve(httptest.NewRecorder(), r, authority.Caller{})
		if authority.CodeOf(err) != c.want {
			t.Errorf("%s %q: %v, want %q", c.kind, c.body, err, c.want)
		}
		if c.want == "" && (got.Type != "a" || got.Secret.Reveal() != "b+c") {
			t.Errorf("%s %q: got %q %q", c.kind, c.body, got.Type, got.Secret.Reveal())
		}
	}
}

func TestWholeBody(t *testing.T) {
	type patch struct {
		ID   int             `path:"id"`
		Body json.RawMessage `body:"json"`
	}
	var got patch
	serve := web.JSON(func(_ context.Context, _ authority.Caller, p patch) (web.NoContent, error) {
		got = p
		return web.NoContent{}, nil
	})
	r := httptest.NewRequest("PATCH", "/", strings.NewReader(` [{"a":1}] `))
	r.SetPathValue("id", "5")
	if err := serve(httptest.NewRecorder(), r, authority.Caller{}); err != nil || got.ID != 5 || string(got.Body) != `[{"a":1}]` {
		t.Errorf("got %+v %v", got, err)
	}
	r.SetPathValue("id", "five")
	if err := serve(httptest.NewRecorder(), r, authority.Caller{}); authority.CodeOf(err) != authority.NotFound {
		t.Errorf("an id that cannot be one: %v", err)
	}
}

func TestCheckRequest(t *testing.T) {
	if err := web.CheckRequest(struct {
		C chan int `query:"c"`
	}{}); err == nil {
		t.Error("a channel can be a parameter")
	}
	if err := web.CheckRequest(listing{}); err != nil {
		t.Error(err)
	}
	if err := web.CheckRequest(nil); err != nil {
		t.Error(err)
	}
}

func FuzzForm(f *testing.F) {
	for _, s := range []string{"a=b&c=d", "a=%zz", "a=%ff", "=&=", "a;b", "%41=1&A=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		form, err := web.ReadForm(r)
		if code := authority.CodeOf(err); code == authority.Internal {
			t.Fatal(err)
		}
		for k, v := range form {
			if strings.ContainsRune(k+v, 0) || strings.ToValidUTF8(k+v, "") != k+v {
				t.Fatalf("%q gives %q=%q", body, k, v)
			}
		}
	})
}
