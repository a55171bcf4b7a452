package intake

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/imports"
)

// What the field mode says.
const (
	modeTry  = "try"
	modeReal = "real"
)

const (
	maxForm   = 64 << 10 // bytes of the form beside its file
	maxFields = 16       // of the form, before its file
	maxField  = 256      // bytes
	maxName   = 200      // characters of a file's name that are shown
	// patience is how long a client that sends nothing is waited for.
	patience = 5 * time.Minute
)

// receive reads the form up to its file, which comes last: it is spooled as it
// comes, so what is to be done with it must be said before.
func (a Area) receive(v *page.View) (u Upload, err error) {
	if v.Request().ContentLength > a.MaxFile+maxForm {
		return u, tooLarge()
	}
	form, err := v.Request().MultipartReader()
	if err != nil {
		return u, authority.E(authority.UnsupportedMedia, "the form must be multipart/form-data")
	}
	file, err := fields(form, v.Form.Values)
	if err != nil {
		return u, err
	}
	if err := v.CheckFields(); err != nil {
		return u, err
	}
	switch v.Form.Value("mode") {
	case modeTry, modeReal:
	default:
		return u, authority.E(authority.InvalidValue, "choose whether to try or to import").With("field", "mode")
	}
	replace, err := v.Form.Ticked("replace")
	if err != nil {
		return u, err
	}
	return Upload{
		Name: clip(file.FileName()), Try: v.Form.Value("mode") == modeTry, Replace: replace,
		File: &patient{Reader: &last{file, form, v.Form.Values}, control: http.NewResponseController(v.Writer())},
	}, nil
}

// fieldsOf names the fields of the form of a kind, beside its file.
func fieldsOf(k imports.Kind) []string {
	if k == imports.Products {
		return []string{"mode", "replace"}
	}
	return []string{"mode"}
}

// fields reads the fields before the file, and gives the file unread.
func fields(form *multipart.Reader, into url.Values) (*multipart.Part, error) {
	for range maxFields {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, noFile()
		}
		if err != nil {
			return nil, readError(err)
		}
		if part.FormName() == "file" {
			if part.FileName() == "" {
				return nil, noFile()
			}
			return part, nil
		}
		text, err := io.ReadAll(io.LimitReader(part, maxField))
		if err != nil {
			return nil, readError(err)
		}
		into.Add(part.FormName(), string(text))
	}
	return nil, noFile()
}

func noFile() error {
	return authority.E(authority.InvalidValue, "choose a file").With("field", "file")
}

func tooLarge() error {
	return authority.E(authority.TooLarge, "the file is larger than is taken here: split it, and import the parts").With("field", "file")
}

func readError(err error) error {
	var said *authority.Error
	if errors.As(err, &said) {
		return err
	}
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return tooLarge()
	}
	return authority.Wrap(authority.Malformed, "the form cannot be read to its end", err)
}

// clip makes a file's name fit to be kept and shown.
func clip(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(name, "\uFFFD"))
	if r := []rune(name); len(r) > maxName {
		return string(r[:maxName]) + "…"
	}
	return name
}

// last is the file of a form, behind which nothing may follow: a second file, or a
// field that comes too late to be heeded.
type last struct {
	*multipart.Part

	form   *multipart.Reader
	before url.Values
}

// Read implements io.Reader.
func (l *last) Read(b []byte) (int, error) {
	n, err := l.Part.Read(b)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	switch part, more := l.form.NextPart(); {
	case errors.Is(more, io.EOF):
		return n, io.EOF
	case more != nil:
		return n, more
	case part.FormName() == "file" || l.before.Has(part.FormName()):
		return n, page.Twice(part.FormName())
	}
	return n, authority.E(authority.InvalidRequest, "the file must be the last field of the form")
}

// patient lets a large file take its time as long as something of it moves.
type patient struct {
	io.Reader

	control *http.ResponseController
	moved   time.Time // when the deadlines were moved last
	err     error
}

// Read implements io.Reader. A read that fails goes on failing with what the
// user is told.
func (p *patient) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	if now := time.Now(); now.Sub(p.moved) > time.Second {
		p.moved = now
		// What cannot be set stays as it was. A read that times out would end the
		// request's context, so it waits for as long as the answer.
		_ = p.control.SetReadDeadline(now.Add(patience))
		_ = p.control.SetWriteDeadline(now.Add(patience))
	}
	n, err := p.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		p.err = readError(err)
		return n, p.err
	}
	return n, err
}
