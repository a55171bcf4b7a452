package directory

import (
	"context"
	"errors"
	"strconv"
	"time"

	"propusk/internal/authority"
)

// Service applies the rules of extensions. Safe for concurrent use.
type Service struct {
	store  Store
	events Events
	now    func() time.Time
	plain  bool // events of the production stand may be told over plain HTTP
}

// New makes a Service over store and events. now is the clock.
func New(store Store, events Events, now func() time.Time) *Service {
	return &Service{store: store, events: events, now: now}
}

// WithPlainHTTP gives a Service that takes http addresses of events on the
// production stand too, as every one does on the test stand.
func (s *Service) WithPlainHTTP() *Service {
	c := *s
	c.plain = true
	return &c
}

// Extensions reads a page of the account's extensions.
func (s *Service) Extensions(ctx context.Context, c authority.Caller, q Query) ([]Extension, error) {
	account, err := c.Inside(ExtensionsList)
	if err != nil {
		return nil, err
	}
	if q.Limit < 1 || q.Limit > MaxPage || q.Offset < 0 {
		return nil, authority.Invalid("per_page", "a page has 1 to "+strconv.Itoa(MaxPage)+" rows")
	}
	if !c.Areas().All || q.Offset > MaxExtensions {
		return nil, nil
	}
	return s.store.Extensions(ctx, account, q)
}

// Extension reads one extension.
func (s *Service) Extension(ctx context.Context, c authority.Caller, id authority.ID) (Extension, error) {
	account, err := one(c, ExtensionsList)
	if err != nil {
		return Extension{}, err
	}
	return s.store.Extension(ctx, account, id)
}

// Own finds the caller's own extension; NotFound for none. It asks for no
// permission: everybody may know his number.
func (s *Service) Own(ctx context.Context, c authority.Caller) (Extension, error) {
	account, err := c.Inside("")
	if err != nil {
		return Extension{}, err
	}
	return s.store.ExtensionOf(ctx, account, c.Principal().ID)
}

// Create makes an extension; its ID and Created are made here.
func (s *Service) Create(ctx context.Context, c authority.Caller, e Extension) (Extension, error) {
	account, err := one(c, ExtensionsChange)
	if err != nil {
		return Extension{}, err
	}
	if e, err = e.checked(); err != nil {
		return Extension{}, err
	}
	e.Created = authority.Moment(s.now())
	for {
		e.ID = authority.NewID()
		made, err := s.store.PutExtension(ctx, Change{Account: account, Extension: e, Entry: s.entry(c, e.ID)})
		if !errors.Is(err, ErrIDTaken) {
			return made, err
		}
	}
}

// Change applies edit to an extension.
func (s *Service) Change(ctx context.Context, c authority.Caller, id authority.ID, edit Edit) (Extension, error) {
	account, err := one(c, ExtensionsChange)
	if err != nil {
		return Extension{}, err
	}
	return s.store.PutExtension(ctx, Change{
		Account: account, Extension: Extension{ID: id}, Entry: s.entry(c, id),
		Rule: func(e Extension) (Extension, error) { return e.with(edit) },
	})
}

// Delete takes an extension away with its events.
func (s *Service) Delete(ctx context.Context, c authority.Caller, id authority.ID) error {
	account, err := one(c, ExtensionsChange)
	if err != nil {
		return err
	}
	return s.store.DeleteExtension(ctx, Change{Account: account, Extension: Extension{ID: id}, Entry: s.entry(c, id)})
}

// Events reads who wants to hear of an extension's calls.
func (s *Service) Events(ctx context.Context, c authority.Caller, extension authority.ID) ([]Event, error) {
	account, err := one(c, ExtensionsList)
	if err != nil {
		return nil, err
	}
	return s.events.Events(ctx, account, extension)
}

// AddEvent keeps a wish; its ID and Created are made here.
func (s *Service) AddEvent(ctx context.Context, c authority.Caller, e Event) (Event, error) {
	account, err := one(c, CallEvents)
	if err != nil {
		return Event{}, err
	}
	if e, err = e.checked(s.plain || c.Stand() == authority.Test); err != nil {
		return Event{}, err
	}
	e.Created = authority.Moment(s.now())
	for {
		e.ID = authority.NewID()
		err := s.events.AddEvent(ctx, Change{Account: account, Entry: s.entry(c, e.Extension)}, e)
		if !errors.Is(err, ErrIDTaken) {
			return e, err
		}
	}
}

// DeleteEvent forgets a wish of an extension.
func (s *Service) DeleteEvent(ctx context.Context, c authority.Caller, extension, id authority.ID) error {
	account, err := one(c, CallEvents)
	if err != nil {
		return err
	}
	return s.events.DeleteEvent(ctx, Change{Account: account, Entry: s.entry(c, extension)}, Event{ID: id, Extension: extension})
}

func (s *Service) entry(c authority.Caller, extension authority.ID) authority.Entry {
	e := c.Entry("extension/" + strconv.FormatInt(int64(extension), 10))
	e.Time = authority.Moment(s.now())
	return e
}

// one is Inside for a single row: who is bound to areas sees none.
func one(c authority.Caller, p authority.Permission) (authority.ID, error) {
	account, err := c.Inside(p)
	if err == nil && !c.Areas().All {
		return 0, Missing()
	}
	return account, err
}

// Missing is the error for what is not there.
func Missing() error { return authority.E(authority.NotFound, "there is no such extension") }
