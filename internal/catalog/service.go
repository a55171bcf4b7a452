package catalog

import (
	"context"
	"slices"
	"time"

	"propusk/internal/authority"
	"propusk/internal/catalog/query"
	"propusk/internal/spelling"
)

// What roles may hold. Users of the groups external connection and
// administrator hold all of it: their group is their role.
const (
	CatalogRead   authority.Permission = "CatalogRead"   // read products, warehouses, types of documents and documents
	CatalogUpload authority.Permission = "CatalogUpload" // replace the catalogue
	DocsChange    authority.Permission = "DocsChange"    // make, change and remove documents
	CatalogSetUp  authority.Permission = "CatalogSetUp"  // set up warehouses and types of documents
)

// Permissions lists every permission of this package once.
func Permissions() []authority.Permission {
	return []authority.Permission{CatalogRead, CatalogUpload, DocsChange, CatalogSetUp}
}

// ByGroup lists what a user may whatever roles he has.
func ByGroup(p authority.Principal) []authority.Permission {
	if p.Group == authority.GroupExternalConnection || p.Group == authority.GroupAdministrator {
		return Permissions()
	}
	return nil
}

// may refuses callers that do not hold p. A group gives no more than the scope of
// a token says, and nothing to a caller who has ended: that is what the empty
// permission asks.
func may(c authority.Caller, p authority.Permission) error {
	if c.Account().ID == 0 {
		return lacks(p)
	}
	if c.Can(p) || slices.Contains(ByGroup(c.Principal()), p) && !c.Scoped() && c.Can("") {
		return nil
	}
	return lacks(p)
}

func lacks(p authority.Permission) error {
	return authority.E(authority.Forbidden, "the caller lacks the permission "+string(p))
}

// Service reads the warehouse and changes its documents. Safe for concurrent use.
type Service struct {
	store Store
	docs  DocStore
	now   func() time.Time
}

// New makes a Service over its stores. now is the clock.
func New(store Store, docs DocStore, now func() time.Time) *Service {
	return &Service{store: store, docs: docs, now: now}
}

// Products reads a page of the catalogue, or of the former one that l.After was
// taken from.
func (s *Service) Products(ctx context.Context, c authority.Caller, l Lookup) (Page[Product], error) {
	if err := may(c, CatalogRead); err != nil {
		return Page[Product]{}, err
	}
	l, err := l.checked("id")
	if err != nil {
		return Page[Product]{}, err
	}
	return s.store.Products(ctx, c.Account().ID, l)
}

// Product reads one product.
func (s *Service) Product(ctx context.Context, c authority.Caller, id string) (Product, error) {
	if err := may(c, CatalogRead); err != nil {
		return Product{}, err
	}
	return s.store.Product(ctx, c.Account().ID, id)
}

// Directory reads warehouses and types of documents.
func (s *Service) Directory(ctx context.Context, c authority.Caller) (Directory, error) {
	if err := may(c, CatalogRead); err != nil {
		return Directory{}, err
	}
	d, err := s.store.Directory(ctx, c.Account().ID)
	return d.orDefault(), err
}

// orDefault fills parts that were never set up.
func (d Directory) orDefault() Directory {
	if len(d.Warehouses) == 0 {
		d.Warehouses = DefaultDirectory().Warehouses
	}
	if len(d.DocTypes) == 0 {
		d.DocTypes = DefaultDirectory().DocTypes
	}
	return d
}

// docType finds the type that paths call name; one of that very spelling first.
func (d Directory) docType(name string) (DocType, bool) {
	exact := func(t DocType) bool { return t.Name == name }
	folded := func(t DocType) bool { return spelling.Fold(t.Name) == spelling.Fold(name) }
	for _, is := range []func(DocType) bool{exact, folded} {
		if i := slices.IndexFunc(d.DocTypes, is); i >= 0 {
			return d.DocTypes[i], true
		}
	}
	return DocType{}, false
}

// PutDirectory adds or renames warehouses and types of documents.
func (s *Service) PutDirectory(ctx context.Context, c authority.Caller, d Directory) error {
	if err := may(c, CatalogSetUp); err != nil {
		return err
	}
	var clean cleaner
	clean.list("warehouses", len(d.Warehouses), maxDirectory)
	clean.list("types of documents", len(d.DocTypes), maxDirectory)
	d.Warehouses, d.DocTypes = slices.Clone(d.Warehouses), slices.Clone(d.DocTypes)
	for i := range d.Warehouses {
		clean.key("id", &d.Warehouses[i].ID, maxID)
		clean.key("name", &d.Warehouses[i].Name, maxName)
	}
	for i := range d.DocTypes {
		clean.line("displayName", &d.DocTypes[i].DisplayName, maxName)
		if !isName(d.DocTypes[i].Name) {
			clean.fail("name", "must be of letters, digits and _")
		}
	}
	if clean.err != nil {
		return clean.err
	}
	return s.docs.PutDirectory(ctx, c.Account().ID, d, s.entry(c, "catalog/directory"))
}

func (s *Service) entry(c authority.Caller, object string) authority.Entry {
	e := c.Entry(object)
	e.Time = authority.Moment(s.now())
	return e
}

// Closed ends order with key, so that every row has one place: in the direction of
// what comes before, which the engines find by an index. A field counts where it
// comes first.
func Closed(order []query.Order, key string) (out []query.Order) {
	down := false
	for i, o := range append(slices.Clone(order), query.Order{Field: key}) {
		if slices.ContainsFunc(out, func(have query.Order) bool { return have.Field == o.Field }) {
			continue
		}
		if i == len(order) {
			o.Descending = down
		}
		down = o.Descending
		if out = append(out, o); o.Field == key {
			break
		}
	}
	return out
}

// checked gives l an order of one meaning and a page of bounded size.
func (l Lookup) checked(key string) (Lookup, error) {
	l.Order = Closed(l.Order, key)
	if l.After != nil && len(l.After.Values) != len(l.Order) {
		return l, authority.E(authority.InvalidValue, "the place to go on from is of another query")
	}
	if l.Skip < 0 || l.Top != nil && *l.Top < 0 {
		return l, authority.E(authority.InvalidValue, "a page cannot be negative")
	}
	top := PageSize
	if l.Top != nil {
		top = min(*l.Top, PageSize)
	}
	l.Top = &top
	return l, nil
}
