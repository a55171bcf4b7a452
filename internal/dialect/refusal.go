package dialect

import (
	"bytes"
	_ "embed" // the page is a file
	"errors"
	"html/template"
	"net/http"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

//go:embed refusal.html
var refusalText string

// refusal is what the page shows.
type refusal struct {
	Lang    string
	Title   string
	Advice  string
	Message string
	Request string
}

// refusalPage tells a user why he is not sent on, in plain HTML: the application
// that sent him cannot be told, because nobody knows that it is the one it says.
func refusalPage(w http.ResponseWriter, r *http.Request, err error) error {
	code := authority.CodeOf(err)
	err = public(err)
	var e *authority.Error
	if !errors.As(err, &e) {
		return err
	}
	page, perr := template.New("refusal").Parse(refusalText)
	if perr != nil {
		return perr
	}
	ex := web.ExchangeOf(r.Context())
	ex.Refusal = code
	shown := refusal{Message: e.Message, Request: ex.ID}
	shown.word(strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "ru"), web.Status(code) >= http.StatusInternalServerError)
	var text bytes.Buffer
	if err := page.Execute(&text, shown); err != nil {
		return err
	}
	web.ErrorHeaders(w.Header(), err)
	h := w.Header()
	h["Content-Security-Policy"] = []string{"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}
	h["X-Frame-Options"] = []string{"DENY"}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["Referrer-Policy"] = []string{"no-referrer"}
	h["Cache-Control"] = []string{"no-store"}
	web.WriteBody(w, web.Status(code), "text/html; charset=utf-8", text.Bytes())
	return nil
}

// word says it in the reader's language; ours = it is not the application's fault.
func (f *refusal) word(russian, ours bool) {
	switch {
	case russian && ours:
		f.Lang, f.Title, f.Advice = "ru", "Сейчас не получается", "Дело не в вас и не в приложении. Ничего не передано. Вернитесь и попробуйте ещё раз через минуту:"
	case russian:
		f.Lang, f.Title = "ru", "Эта ссылка не работает"
		f.Advice = "Приложение, которое вас сюда отправило, не назвало себя или адрес возврата так, чтобы этому можно было верить. Ничего не передано. Сообщите его разработчикам:"
	case ours:
		f.Lang, f.Title, f.Advice = "en", "Not just now", "It is neither your fault nor the application's. Nothing was handed over. Go back and try again in a minute:"
	default:
		f.Lang, f.Title = "en", "This link does not work"
		f.Advice = "The application that sent you here did not say who it is, or where you should go back to, in a way that could be trusted. Nothing was handed over. Tell its developers:"
	}
}
