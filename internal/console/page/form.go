package page

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// Form is what a form shows: what was typed before, and what is wrong with it.
// The zero Form is an empty one.
type Form struct {
	Values  url.Values
	Problem string // in the user's words; "" = none
	Field   string // the field that the problem lies in; "" = the form as a whole
}

// Filled makes a form that shows values: name, value, name, value.
func Filled(pairs ...string) Form {
	f := Form{Values: url.Values{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Values.Add(pairs[i], pairs[i+1])
	}
	return f
}

// Value gives the first value of a field.
func (f Form) Value(name string) string { return f.Values.Get(name) }

// Has reports whether a field has the value, as a ticked box or a chosen line.
func (f Form) Has(name string, value any) bool {
	return slices.Contains(f.Values[name], text(value))
}

// Ticked reads the box of a part "tick": it sends yes or nothing at all.
func (f Form) Ticked(name string) (bool, error) {
	switch all := f.Values[name]; {
	case len(all) == 0:
		return false, nil
	case len(all) == 1 && all[0] == Yes:
		return true, nil
	}
	return false, authority.E(authority.InvalidValue, "a box is ticked or not").With("field", name)
}

// Yes is what ticked boxes send.
const Yes = "yes"

// Wrong gives what is wrong with one field.
func (f Form) Wrong(name string) string {
	if f.Field == name {
		return f.Problem
	}
	return ""
}

// checkForm reads the form that was posted.
func (v *View) checkForm() (err error) {
	v.Form.Values = url.Values{}
	if v.r.Method != http.MethodPost || v.screen.Streams || v.r.ContentLength == 0 {
		return nil
	}
	if v.Form.Values, err = web.ReadValues(v.r); err != nil {
		return err
	}
	return v.CheckFields()
}

// CheckFields refuses what the screen would not look at in the form, and a field
// that says two things: nothing is dropped unseen.
func (v *View) CheckFields() error {
	for _, name := range slices.Sorted(maps.Keys(v.Form.Values)) {
		several := slices.Contains(v.screen.Lists, name)
		if !several && !slices.Contains(v.screen.Fields, name) {
			return Strange(name)
		}
		if !several && len(v.Form.Values[name]) > 1 {
			return Twice(name)
		}
	}
	return nil
}

// Strange is the error of a field that nothing takes.
func Strange(field string) error {
	return authority.E(authority.InvalidRequest, "the form has a field that is not known here").With("field", field)
}

// Twice is the error of a field that is sent more than once.
func Twice(field string) error {
	return authority.E(authority.InvalidRequest, "a field of the form is sent more than once").With("field", field)
}

// NoChoice is the error of a field that holds what was not offered.
func NoChoice(field string) error {
	return authority.E(authority.InvalidValue, "choose from the list").With("field", field)
}

// Named is the field or parameter that an error is about; "" = none.
func (v *View) Named(err error) string { return fieldOf(err) }

// ours reports whether err is the user's to mend on the form that he sent.
func ours(err error) bool {
	return slices.Contains([]authority.Code{
		authority.InvalidRequest, authority.InvalidValue, authority.Conflict, authority.Unprocessable,
		authority.InvalidGrant, authority.InvalidClient, authority.LimitExceeded, authority.TooLarge, authority.InvalidScope,
	}, authority.CodeOf(err))
}

func fieldOf(err error) string {
	var e *authority.Error
	if !errors.As(err, &e) {
		return ""
	}
	if f := e.Fields["field"]; f != "" {
		return f
	}
	return e.Fields["parameter"]
}
