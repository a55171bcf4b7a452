package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/signin"
	"propusk/internal/web"
)

// View is one request for a screen: who asks, what was sent, and how to answer.
// It belongs to the goroutine of its request. Templates are given its methods.
type View struct {
	Caller  authority.Caller
	Session signin.Session // zero on open screens
	Form    Form           // what the page's form shows

	w      http.ResponseWriter
	r      *http.Request
	kit    *Kit
	screen Screen
	stand  authority.Stand
	base   string // what the addresses of its links begin with
	lang   string
	theme  string
	zone   *time.Location
	formTo []string // origins besides our own that forms may lead to
	said   *said
}

func (k *Kit) view(w http.ResponseWriter, r *http.Request) *View {
	v := &View{w: w, r: r, kit: k, stand: web.ExchangeOf(r.Context()).Stand, zone: time.UTC}
	v.base = Base(v.stand)
	v.settle()
	return v
}

// Base is what the addresses of a stand's pages begin with.
func Base(stand authority.Stand) string {
	if stand == authority.Test {
		return "/test"
	}
	return ""
}

// settle picks language, theme and zone by what is known of the user.
func (v *View) settle() {
	v.lang, v.theme = v.Session.Language, v.Session.Theme
	if v.lang == "" {
		v.lang = v.cookie(languageCookie)
	}
	if v.theme == "" {
		v.theme = v.cookie(themeCookie)
	}
	v.lang = negotiate(v.lang, v.r.Header.Get("Accept-Language"))
	if !slices.Contains(signin.Themes(), v.theme) {
		v.theme = signin.Themes()[0]
	}
	if name := v.Caller.Account().Settings.TimeZone; name != "" {
		if zone, err := time.LoadLocation(name); err == nil {
			v.zone = zone
		}
	}
}

// Context is the request's.
func (v *View) Context() context.Context { return v.r.Context() }

// Request is what was sent. Answers are written by the View.
func (v *View) Request() *http.Request { return v.r }

// Writer is for what the View cannot answer itself: files and streams.
func (v *View) Writer() http.ResponseWriter { return v.w }

// Origin says where the request came from, for sign-in.
func (v *View) Origin() authority.Origin { return web.OriginOf(v.r.Context()) }

// Stand is the stand that the page shows.
func (v *View) Stand() authority.Stand { return v.stand }

// OnTest reports whether the page shows the test stand.
func (v *View) OnTest() bool { return v.stand == authority.Test }

// Language is the one that the page speaks.
func (v *View) Language() string { return v.lang }

// Theme is the one that the user chose: one of signin.Themes.
func (v *View) Theme() string { return v.theme }

// Zone is the account's time zone.
func (v *View) Zone() *time.Location { return v.zone }

// Now is the time.
func (v *View) Now() time.Time { return v.kit.Now() }

// Account is the account that the page is about.
func (v *View) Account() authority.Account { return v.Caller.Account() }

// User is who is signed in.
func (v *View) User() authority.Principal { return v.Caller.Principal() }

// SignedIn reports whether somebody is signed in.
func (v *View) SignedIn() bool { return v.Session.Grant != 0 }

// Can reports whether the user holds one of the permissions.
func (v *View) Can(either ...string) bool {
	return slices.ContainsFunc(either, func(p string) bool { return v.Caller.Can(authority.Permission(p)) })
}

// Query gives a parameter of the address.
func (v *View) Query(name string) string { return v.r.URL.Query().Get(name) }

// ID reads an id of the path; NotFound for anything else.
func (v *View) ID(name string) (authority.ID, error) { return parseID(v.r.PathValue(name)) }

// QueryID reads an id of the address; 0 for none.
func (v *View) QueryID(name string) (authority.ID, error) {
	if v.Query(name) == "" {
		return 0, nil
	}
	id, err := parseID(v.Query(name))
	if err != nil {
		return 0, authority.E(authority.InvalidValue, "the address asks for a choice that there is none of").With("field", name)
	}
	return id, nil
}

// Value gives a segment of the path.
func (v *View) Value(name string) string { return v.r.PathValue(name) }

func parseID(s string) (authority.ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, authority.E(authority.NotFound, "there is no such thing")
	}
	return authority.ID(n), nil
}

// Sent gives the form that was posted. It is what a page shows again.
func (v *View) Sent() url.Values { return v.Form.Values }

// IDs reads the ids of a form's field.
func (v *View) IDs(name string) ([]authority.ID, error) {
	var out []authority.ID
	for _, s := range v.Form.Values[name] {
		id, err := parseID(s)
		if err != nil {
			return nil, NoChoice(name)
		}
		out = append(out, id)
	}
	return out, nil
}

// T gives words in the page's language.
func (v *View) T(key string, args ...any) (string, error) {
	return v.kit.words.find(v.lang, key, args...)
}

// Name gives the words for one of a fixed set, such as a kind or a permission:
// those of "set.word", or the word itself where there are none.
func (v *View) Name(set string, word any) string {
	if t, err := v.T(set + "." + text(word)); err == nil {
		return t
	}
	return text(word)
}

// Say puts an error into the user's words.
func (v *View) Say(err error) string {
	code := authority.CodeOf(err)
	var e *authority.Error
	if !errors.As(err, &e) || code == authority.Internal {
		return v.Name("error", authority.Internal)
	}
	if v.lang == "en" && e.Message != "" {
		return sentence(e.Message)
	}
	if v.kit.words.has("says." + e.Message) {
		return v.Name("says", e.Message)
	}
	return v.Name("error", code)
}

func sentence(s string) string {
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// URL makes an address on the same stand: a path with its %d and %s filled in.
// Text is escaped.
func (v *View) URL(format string, args ...any) string {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = url.PathEscape(s)
		}
	}
	return v.base + fmt.Sprintf(format, args...)
}

// Asset is the address of a file that pages load.
func (v *View) Asset(name string) (string, error) {
	hashed := v.kit.assets.names[name]
	if hashed == "" {
		return "", fmt.Errorf("page: there is no asset %s", name)
	}
	return Base(v.stand) + "/static/" + hashed, nil
}

// API is the outside address of the stand; "" when it is off.
func (v *View) API() string {
	if v.kit.API == nil {
		return ""
	}
	return v.kit.API(v.stand)
}

// Back is the page that the user came from, as a path of ours; "/" where the
// browser does not tell.
func (v *View) Back() string {
	u, err := url.Parse(v.r.Header.Get("Referer"))
	if err != nil || u.Host != v.r.Host {
		return "/"
	}
	return Local(strings.TrimPrefix(u.RequestURI(), v.base))
}

// Local gives next if it is a path of ours, and "/" for all else: nobody is led
// to another site.
func Local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\\x00\r\n\t") {
		return "/"
	}
	return next
}
