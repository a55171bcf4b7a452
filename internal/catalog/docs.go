package catalog

import (
	"context"
	"slices"
	"strings"
	"time"

	"propusk/internal/authority"
)

// Docs reads a page of documents, of one type or of all.
func (s *Service) Docs(ctx context.Context, c authority.Caller, l Lookup) (Page[Doc], error) {
	if err := may(c, CatalogRead); err != nil {
		return Page[Doc]{}, err
	}
	l, err := l.checked("id")
	if err != nil {
		return Page[Doc]{}, err
	}
	if l.Type, err = s.typed(ctx, c, l.Type); err != nil {
		return Page[Doc]{}, err
	}
	return s.store.Docs(ctx, c.Account().ID, l)
}

// typed gives the type of documents that name stands for, in whatever case; "" is
// all.
func (s *Service) typed(ctx context.Context, c authority.Caller, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	d, err := s.store.Directory(ctx, c.Account().ID)
	if err != nil {
		return "", err
	}
	if t, ok := d.orDefault().docType(name); ok {
		return t.Name, nil
	}
	return "", authority.E(authority.NotFound, "there is no such type of documents")
}

// Doc reads a document with its lines.
func (s *Service) Doc(ctx context.Context, c authority.Caller, kind, id string) (Doc, error) {
	if err := may(c, CatalogRead); err != nil {
		return Doc{}, err
	}
	kind, err := s.typed(ctx, c, kind)
	if err != nil {
		return Doc{}, err
	}
	return s.store.Doc(ctx, c.Account().ID, kind, id)
}

// AddDoc makes a document of d.Type. Without an id it gets one; times are ours.
func (s *Service) AddDoc(ctx context.Context, c authority.Caller, d Doc) (Doc, error) {
	if err := may(c, DocsChange); err != nil {
		return d, err
	}
	var err error
	if d.Type, err = s.typed(ctx, c, d.Type); err != nil {
		return d, err
	}
	if strings.TrimSpace(d.ID) == "" {
		d.ID = newID()
	}
	if d, err = d.checked(); err != nil {
		return d, err
	}
	d.Created = authority.Moment(s.now())
	d.Changed = d.Created
	return d, s.docs.AddDoc(ctx, c.Account().ID, d, s.entry(c, "doc/"+d.ID))
}

// DocPatch is what is to be changed of a document; nil = leave it. Extra holds
// the fields of the account's own that change; a nil value takes one away.
type DocPatch struct {
	Name, Appointment, UserID, WarehouseID, Barcode, Description *string
	Priority                                                     *float64
	Finished, InProcess, Modified, AutoAppoint, ServerHosted     *bool
	Declared, Current                                            *[]Item
	Extra                                                        Extra
}

// ChangeDoc changes a document.
func (s *Service) ChangeDoc(ctx context.Context, c authority.Caller, kind, id string, p DocPatch) (Doc, error) {
	if err := may(c, DocsChange); err != nil {
		return Doc{}, err
	}
	kind, err := s.typed(ctx, c, kind)
	if err != nil {
		return Doc{}, err
	}
	e := s.entry(c, "doc/"+id)
	return s.docs.ChangeDoc(ctx, DocChange{
		Account: c.Account().ID, Type: kind, ID: id, Entry: e,
		Rule: func(d Doc) (Doc, error) {
			after, err := p.Apply(d).checked()
			after.Changed = later(e.Time, d.Changed)
			return after, err
		},
	})
}

// later keeps time from going back where a clock has.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// RemoveDoc takes a document away.
func (s *Service) RemoveDoc(ctx context.Context, c authority.Caller, kind, id string) error {
	if err := may(c, DocsChange); err != nil {
		return err
	}
	kind, err := s.typed(ctx, c, kind)
	if err != nil {
		return err
	}
	return s.docs.RemoveDoc(ctx, DocChange{Account: c.Account().ID, Type: kind, ID: id, Entry: s.entry(c, "doc/"+id)})
}

// Apply gives d as p wants it.
func (p DocPatch) Apply(d Doc) Doc {
	set(&d.Name, p.Name)
	set(&d.Appointment, p.Appointment)
	set(&d.UserID, p.UserID)
	set(&d.WarehouseID, p.WarehouseID)
	set(&d.Barcode, p.Barcode)
	set(&d.Description, p.Description)
	set(&d.Priority, p.Priority)
	set(&d.Finished, p.Finished)
	set(&d.InProcess, p.InProcess)
	set(&d.Modified, p.Modified)
	set(&d.AutoAppoint, p.AutoAppoint)
	set(&d.ServerHosted, p.ServerHosted)
	set(&d.Declared, p.Declared)
	set(&d.Current, p.Current)
	extra := Extra{}
	for _, part := range []Extra{d.Extra, p.Extra} {
		for name, value := range part {
			extra[name] = value
		}
	}
	d.Extra = extra
	return d
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// checked gives d cleaned, or says what is wrong with it.
func (d Doc) checked() (Doc, error) {
	var c cleaner
	c.key("id", &d.ID, maxID)
	c.line("name", &d.Name, maxName)
	c.line("appointment", &d.Appointment, maxName)
	c.line("userId", &d.UserID, maxID)
	c.line("warehouseId", &d.WarehouseID, maxID)
	c.line("barcode", &d.Barcode, maxName)
	c.text("description", &d.Description, maxDescription)
	c.number("priority", d.Priority)
	c.list("declaredItems", len(d.Declared), maxItems)
	c.list("currentItems", len(d.Current), maxItems)
	d.Declared, d.Current = slices.Clone(d.Declared), slices.Clone(d.Current)
	c.items("declaredItems", d.Declared)
	c.items("currentItems", d.Current)
	names := []string{"declaredItems", "currentItems"}
	for _, f := range DocSchema() {
		names = append(names, f.Name)
	}
	d.Extra = c.extra(d.Extra, names...)
	return d, c.err
}

// items cleans lines, each with a uid of its own: readers know them by it.
func (c *cleaner) items(field string, all []Item) {
	seen := make(map[string]bool, len(all))
	for i := range all {
		c.item(&all[i])
		if seen[all[i].UID] {
			c.fail(field, "holds two lines with one uid")
		}
		seen[all[i].UID] = true
	}
}

func (c *cleaner) item(i *Item) {
	c.line("uid", &i.UID, maxID)
	c.key("productId", &i.ProductID, maxID)
	c.line("productName", &i.ProductName, maxName)
	c.line("packingId", &i.PackingID, maxID)
	c.number("declaredQuantity", i.Declared)
	c.number("currentQuantity", i.Current)
	c.number("price", i.Price)
	if i.UID == "" {
		i.UID = newID()
	}
	i.Extra = c.extra(i.Extra, "uid", "productId", "productName", "packingId", "declaredQuantity", "currentQuantity", "price")
}
