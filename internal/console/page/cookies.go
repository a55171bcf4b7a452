package page

import (
	"net/http"
	"net/url"
	"time"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// Cookies are bound to the console's origin by their prefix (RFC 6265bis
// §4.1.3.2): no other host can set them, and none of them leaves HTTPS or the
// machine itself.
const (
	sessionCookie  = "__Host-propusk"
	languageCookie = "__Host-propusk-language"
	themeCookie    = "__Host-propusk-theme"
	saidCookie     = "__Host-propusk-said"
)

// SessionCookie names the cookie that holds a stand's session.
func SessionCookie(stand authority.Stand) string {
	if stand == authority.Test {
		return sessionCookie + "-test"
	}
	return sessionCookie
}

// Credential reads the session that a request shows, or gives none: the error of
// package dialect for that, which is above this one. It is the console's part of
// dialect.Dialect.
func Credential(r *http.Request, none error) (authority.Presented, error) {
	c, err := r.Cookie(SessionCookie(web.ExchangeOf(r.Context()).Stand))
	if err != nil || c.Value == "" {
		return authority.Presented{}, none
	}
	return authority.Presented{Scheme: authority.Bearer, Token: authority.NewSecret(c.Value)}, nil
}

// Remember gives the browser the token of a new session.
func (v *View) Remember(token authority.Secret) {
	v.Keep(SessionCookie(v.stand), token.Reveal(), 0)
}

// Forget takes the session's token from the browser, with all that it has kept.
func (v *View) Forget() {
	v.Keep(SessionCookie(v.stand), "", -1)
	if v.r.TLS != nil || loopbackHost(v.r.Host) {
		v.w.Header().Set("Clear-Site-Data", `"cache"`)
	}
}

// Keep gives the browser a cookie for a time: 0 = until it is closed, less than
// that = no longer.
func (v *View) Keep(name, value string, life time.Duration) {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		MaxAge: int(life / time.Second),
	}
	if life < 0 {
		c.MaxAge = -1
	}
	http.SetCookie(v.w, c)
}

// Kept gives what Keep has stored; "" for nothing.
func (v *View) Kept(name string) string { return v.cookie(name) }

func (v *View) cookie(name string) string {
	c, err := v.r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// said is what the next page says first: that something was done.
type said struct {
	Key  string
	Args []any
}

// Done leads to another page of the stand, which says first what was done: key
// and arguments as T takes them, the arguments as text.
func (v *View) Done(to, key string, args ...string) error {
	q := url.Values{"key": {key}, "arg": args}
	v.Keep(saidCookie, url.QueryEscape(q.Encode()), time.Minute)
	return v.Redirect(to)
}

// heard takes what Done has left.
func (v *View) heard() *said {
	text := v.cookie(saidCookie)
	if text == "" {
		return nil
	}
	v.Keep(saidCookie, "", -1)
	text, err := url.QueryUnescape(text)
	if err != nil {
		return nil
	}
	q, err := url.ParseQuery(text)
	if err != nil || !v.kit.words.has(q.Get("key")) {
		return nil
	}
	s := &said{Key: q.Get("key")}
	for _, a := range q["arg"] {
		s.Args = append(s.Args, a)
	}
	return s
}

// Said is what was done, in words; "" for nothing.
func (v *View) Said() (string, error) {
	if v.said == nil {
		return "", nil
	}
	return v.T(v.said.Key, v.said.Args...)
}

// SetLanguage keeps the choice in the browser, also for pages before sign-in.
func (v *View) SetLanguage(lang string) { v.Keep(languageCookie, lang, year) }

// SetTheme keeps the choice in the browser, also for pages before sign-in.
func (v *View) SetTheme(theme string) { v.Keep(themeCookie, theme, year) }

const year = 365 * 24 * time.Hour
