package directory

import (
	"slices"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// The permissions that the routes of extensions ask for.
const (
	ExtensionsList   authority.Permission = "ExtensionsList"   // read the extensions and their events
	ExtensionsChange authority.Permission = "ExtensionsChange" // make, change and delete extensions
	CallEvents       authority.Permission = "CallEvents"       // choose who hears of an extension's calls
)

// Permissions lists every permission of this package once.
func Permissions() []authority.Permission {
	return []authority.Permission{ExtensionsList, ExtensionsChange, CallEvents}
}

// Kind is what answers at an extension.
type Kind string

// The kinds.
const (
	Phone Kind = "phone"
	Queue Kind = "queue"
	IVR   Kind = "ivr"
	Fax   Kind = "fax"
)

// Kinds lists every kind once.
func Kinds() []Kind { return []Kind{Phone, Queue, IVR, Fax} }

// Extension is an internal number of an account. Its number never changes.
type Extension struct {
	ID      authority.ID
	Number  string // digits, unique in the account
	Kind    Kind
	Label   string // what people call it; "" = nothing
	Group   string // of people who work together; "" = none
	Blocked bool
	User    authority.ID // whose it is; 0 = nobody's
	Created time.Time    // UTC, in whole milliseconds
}

// Edit changes an extension. What is nil stays as it is.
type Edit struct {
	Kind    *Kind
	Label   *string
	Group   *string
	Blocked *bool
	User    *authority.ID // 0 = nobody's
}

// Bounds of an extension.
const (
	maxNumber = 10
	maxText   = 200
)

// checked gives e with its text cleaned, or says what of it cannot be.
func (e Extension) checked() (Extension, error) {
	var err error
	if e.Label, err = spelling.Line(e.Label, maxText); err != nil {
		return e, authority.Invalid("label", "label "+err.Error())
	}
	if e.Group, err = spelling.Line(e.Group, maxText); err != nil {
		return e, authority.Invalid("group", "group "+err.Error())
	}
	switch {
	case e.Number == "" || len(e.Number) > maxNumber || strings.Trim(e.Number, "0123456789") != "":
		return e, authority.Invalid("name", "a number has 1 to 10 digits")
	case !slices.Contains(Kinds(), e.Kind):
		return e, authority.Invalid("type", "the type is phone, queue, ivr or fax")
	}
	return e, nil
}

// with gives e as d changes it.
func (e Extension) with(d Edit) (Extension, error) {
	set(&e.Kind, d.Kind)
	set(&e.Label, d.Label)
	set(&e.Group, d.Group)
	set(&e.Blocked, d.Blocked)
	set(&e.User, d.User)
	return e.checked()
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
