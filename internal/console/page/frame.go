package page

import (
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// Option is one line of a list to choose from.
type Option struct {
	Value any
	Label string
	Note  string
}

// Choice is a button of the switches for language and theme.
type Choice struct{ Code, Name, Icon string }

// LanguageNames lists the languages by their own names.
func (v *View) LanguageNames() []Choice {
	return []Choice{{Code: "ru", Name: "Русский"}, {Code: "en", Name: "English"}}
}

// ThemeNames lists the themes by the keys of their words.
func (v *View) ThemeNames() []Choice {
	return []Choice{{"auto", "theme.auto", "monitor"}, {"light", "theme.light", "sun"}, {"dark", "theme.dark", "moon"}}
}

// Self is the page's own path, to come back to.
func (v *View) Self() string {
	if v.r.Method != http.MethodGet {
		return v.Back()
	}
	return v.at()
}

// OnStand is where the same page lies on a stand; its beginning, where it is
// about one thing of this stand.
func (v *View) OnStand(stand authority.Stand) string {
	path := v.screen.Path
	if v.screen.Menu == nil {
		path = v.section()
	}
	if at := Base(stand) + path; at != "" {
		return at
	}
	return "/"
}

// section is the menu's line that the page lies below.
func (v *View) section() string {
	for _, g := range v.Menu() {
		for _, l := range g.Lines {
			if l.Here {
				return l.Path
			}
		}
	}
	return "/"
}

// RequestID names the request, for whoever looks it up in the log.
func (v *View) RequestID() string { return web.ExchangeOf(v.Context()).ID }

// ErrorTitle is the heading of a page that says what went wrong.
func (v *View) ErrorTitle(err error) (string, error) {
	switch authority.CodeOf(err) {
	case authority.NotFound:
		return v.T("error.title.not_found")
	case authority.Forbidden:
		return v.T("error.title.forbidden")
	case authority.LimitExceeded:
		return v.T("error.title.limit_exceeded")
	case authority.Internal, authority.Unavailable:
		return v.T("error.title.failure")
	default:
		return v.T("error.title.refused")
	}
}
