package console

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/signin"
)

// Choices keeps what users like to look at; *signin.Service does.
type Choices interface {
	SetLanguage(ctx context.Context, c authority.Caller, lang string) error
	SetTheme(ctx context.Context, c authority.Caller, theme string) error
}

// preferences is the area of the switches for language and theme.
type preferences struct{ choices Choices }

// Preferences makes the area of the switches that are on every page.
func Preferences(c Choices) page.Area { return preferences{c} }

// Files implements page.Area: it has none.
func (preferences) Files() fs.FS { return embed.FS{} }

// Screens implements page.Area. Before sign-in the choice lies in the browser
// alone.
func (p preferences) Screens() []page.Screen {
	return []page.Screen{
		{Method: http.MethodPost, Path: "/choices", Open: true, Fields: []string{"language", "theme", "next"}, Serve: p.choose},
		{Method: http.MethodPost, Path: "/preferences", Fields: []string{"language", "theme", "next"}, Serve: p.change},
	}
}

// choose keeps a choice in the browser.
func (p preferences) choose(v *page.View) error {
	sent := v.Sent()
	return p.keep(v, sent)
}

// change keeps a choice with the user as well.
func (p preferences) change(v *page.View) error {
	sent := v.Sent()
	var err error
	if lang := sent.Get("language"); lang != "" {
		err = p.choices.SetLanguage(v.Context(), v.Caller, lang)
	}
	if theme := sent.Get("theme"); err == nil && theme != "" {
		err = p.choices.SetTheme(v.Context(), v.Caller, theme)
	}
	if err != nil {
		return err
	}
	return p.keep(v, sent)
}

func (preferences) keep(v *page.View, sent url.Values) error {
	lang, theme := sent.Get("language"), sent.Get("theme")
	switch {
	case lang != "" && !slices.Contains(signin.Languages(), lang):
		return page.NoChoice("language")
	case theme != "" && !slices.Contains(signin.Themes(), theme):
		return page.NoChoice("theme")
	}
	if lang != "" {
		v.SetLanguage(lang)
	}
	if theme != "" {
		v.SetTheme(theme)
	}
	return v.Redirect(page.Local(sent.Get("next")))
}
