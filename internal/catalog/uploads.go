package catalog

import (
	"context"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"

	"propusk/internal/authority"
)

// Uploads replaces the catalogue of an account. Safe for concurrent use.
type Uploads struct {
	store UploadStore
	now   func() time.Time
}

// NewUploads makes Uploads over store. now is the clock.
func NewUploads(store UploadStore, now func() time.Time) *Uploads {
	return &Uploads{store: store, now: now}
}

func (u *Uploads) uploader(c authority.Caller) (Uploader, error) {
	return Uploader{
		Account: c.Account().ID, Principal: c.Principal().ID, Grant: c.Grant(), At: authority.Moment(u.now()),
	}, may(c, CatalogUpload)
}

func (u *Uploads) entry(c authority.Caller) authority.Entry {
	e := c.Entry("catalog/products")
	e.Time = authority.Moment(u.now())
	return e
}

// Begin starts an upload. The caller's own former one is thrown away; another
// principal's is a Conflict until it has lain still for Abandoned.
func (u *Uploads) Begin(ctx context.Context, c authority.Caller, s Scheme) error {
	who, err := u.uploader(c)
	if err != nil {
		return err
	}
	if s, err = s.checked(); err != nil {
		return err
	}
	return u.store.BeginUpload(ctx, who, s, u.entry(c))
}

// Add puts products into the caller's upload: whole ones, and those that cells
// hold as the scheme says. All are looked at before the first is written; adding
// the same again changes nothing. Adding none says that none may be meant.
func (u *Uploads) Add(ctx context.Context, c authority.Caller, all []Product, cells []string) error {
	who, err := u.uploader(c)
	if err != nil {
		return err
	}
	scheme, err := u.store.UploadScheme(ctx, who)
	if err != nil {
		return err
	}
	clean, err := checked(all, func(i int, _ Product) string { return "products[" + strconv.Itoa(i) + "]" })
	if err != nil {
		return err
	}
	if len(cells) > 0 {
		rows, err := scheme.Products(cells)
		if err != nil {
			return err
		}
		rows, err = checked(rows, func(_ int, p Product) string { return "flds, product " + strconv.Quote(shortened(p.ID)) })
		if err != nil {
			return err
		}
		clean = append(clean, rows...)
	}
	return u.store.AddProducts(ctx, who, clean)
}

// checked gives all as the catalogue keeps them; what is wrong with one names its
// place.
func checked(all []Product, place func(i int, p Product) string) ([]Product, error) {
	clean := make([]Product, len(all))
	for i, p := range all {
		var err error
		if clean[i], err = p.Check(); err != nil {
			return nil, within(place(i, p), err)
		}
	}
	return clean, nil
}

// within says where what is wrong lies.
func within(place string, err error) error {
	var e *authority.Error
	if !errors.As(err, &e) {
		return err
	}
	placed := *e
	placed.Message = place + ": " + e.Message
	return &placed
}

// shortened keeps an answer from growing with what was sent.
func shortened(id string) string { return string([]rune(id)[:min(utf8.RuneCountInString(id), 64)]) }

// End makes the caller's upload the catalogue: readers see the former one or
// this, whole. It gives how many products there are. Nothing was ever added: a
// Conflict, unless the scheme keeps what is there.
func (u *Uploads) End(ctx context.Context, c authority.Caller) (int64, error) {
	who, err := u.uploader(c)
	if err != nil {
		return 0, err
	}
	return u.store.EndUpload(ctx, who, u.entry(c))
}

// Reset throws the caller's upload away; without one it does nothing. Another
// principal's is a Conflict until it has lain still for Abandoned.
func (u *Uploads) Reset(ctx context.Context, c authority.Caller) error {
	who, err := u.uploader(c)
	if err != nil {
		return err
	}
	return u.store.ResetUpload(ctx, who, u.entry(c))
}

// Purge takes away what nobody reads any more, some at a time; 0 = nothing left.
func (u *Uploads) Purge(ctx context.Context) (int, error) { return u.store.Purge(ctx, u.now()) }
