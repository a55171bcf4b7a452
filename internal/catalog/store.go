package catalog

import (
	"context"
	"time"

	"propusk/internal/authority"
	"propusk/internal/catalog/query"
)

// PageSize is the most rows of one page; what is left comes with the next.
const PageSize = 5000

// Place is where a page ended: the values that the last row was sorted by, its
// key last, and the version of the catalogue that was read (0 for documents).
type Place struct {
	Version authority.ID
	Values  []query.Value
}

// Page is a consistent cut of a set. Total counts what the filter finds and is
// of use only where it was asked for. Next is nil at the end.
type Page[T any] struct {
	Items []T
	Total int64
	Next  *Place
}

// Lookup asks for a page. Order ends with the key of the set, so that every row
// has one place; Top says how many rows, PageSize at most. After excludes Skip.
type Lookup struct {
	query.Query

	After *Place
	Type  string // of documents; "" = every type
	Items bool   // documents come with their lines
}

// Store reads. Each method sees one moment. Safe for concurrent use.
type Store interface {
	// Products reads a page of the current catalogue, or of the version that
	// l.After names; InvalidValue when that has gone.
	Products(ctx context.Context, account authority.ID, l Lookup) (Page[Product], error)
	// Product reads one of the current catalogue.
	Product(ctx context.Context, account authority.ID, id string) (Product, error)
	// Docs reads a page of documents.
	Docs(ctx context.Context, account authority.ID, l Lookup) (Page[Doc], error)
	// Doc reads a document with its lines.
	Doc(ctx context.Context, account authority.ID, kind, id string) (Doc, error)
	// Directory reads what there is besides; empty parts are empty.
	Directory(ctx context.Context, account authority.ID) (Directory, error)
}

// Uploader is whose upload a call is about.
type Uploader struct {
	Account   authority.ID
	Principal authority.ID
	Grant     authority.ID // 0 with Basic and System
	At        time.Time
}

// UploadStore keeps catalogues that are being uploaded: one of an account at a
// time. A session that has begun one which another session began anew is stale:
// everything but to begin is a Conflict for it, until it has begun one itself. A
// session that has begun none may go on with its principal's. Every method but AddProducts and EndUpload, which yield to others
// between their steps, is one transaction.
type UploadStore interface {
	// BeginUpload starts anew. Another principal's upload is a Conflict unless it
	// is Abandoned.
	BeginUpload(ctx context.Context, u Uploader, s Scheme, e authority.Entry) error
	// UploadScheme reads the scheme of the uploader's own upload; Conflict when it
	// has none.
	UploadScheme(ctx context.Context, u Uploader) (Scheme, error)
	// AddProducts adds to the uploader's upload. A product that is there already
	// gets the packings of the new one besides. Adding none says that none may be
	// meant.
	AddProducts(ctx context.Context, u Uploader, all []Product) error
	// EndUpload makes the upload the current catalogue, at one moment, and gives
	// how many products that has. One that nothing was ever added to is a Conflict,
	// unless its scheme keeps what is there.
	EndUpload(ctx context.Context, u Uploader, e authority.Entry) (int64, error)
	// ResetUpload throws the upload away; without one it does nothing.
	ResetUpload(ctx context.Context, u Uploader, e authority.Entry) error
	// Purge takes rows away that nobody reads any more, some at a time, and gives
	// how many; 0 = there are none.
	Purge(ctx context.Context, now time.Time) (int, error)
}

// How long things are kept.
const (
	// Abandoned is how long an upload lies still before another principal may
	// begin one, and Forgotten before it is thrown away.
	Abandoned = 10 * time.Minute
	Forgotten = 24 * time.Hour
	// Session is longer than a session can last.
	Session = 200 * 24 * time.Hour
	// Pages is how long a replaced catalogue can still be paged through.
	Pages = 10 * time.Minute
)

// DocStore changes documents and what they refer to. Each method is one
// transaction, durable when it returns.
type DocStore interface {
	// AddDoc makes a document; an id that the account has is a Conflict, a type
	// that it has not NotFound.
	AddDoc(ctx context.Context, account authority.ID, d Doc, e authority.Entry) error
	// ChangeDoc applies rule, which is called once, in the transaction.
	ChangeDoc(ctx context.Context, ch DocChange) (Doc, error)
	// RemoveDoc takes a document away.
	RemoveDoc(ctx context.Context, ch DocChange) error
	// PutDirectory adds or renames warehouses and types of documents.
	PutDirectory(ctx context.Context, account authority.ID, d Directory, e authority.Entry) error
}

// DocChange names a document and what is to become of it.
type DocChange struct {
	Account  authority.ID
	Type, ID string
	Rule     func(Doc) (Doc, error)
	Entry    authority.Entry
}

// Directory is what products and documents refer to.
type Directory struct {
	Warehouses []Warehouse
	DocTypes   []DocType
}

// DefaultDirectory is what an account works with until it sets up its own.
func DefaultDirectory() Directory {
	return Directory{
		Warehouses: []Warehouse{{ID: "1", Name: "Основной склад"}},
		DocTypes: []DocType{
			{Name: "PrihodNaSklad", DisplayName: "Приход на склад"},
			{Name: "PodborZakaza", DisplayName: "Подбор заказа"},
			{Name: "Inventarizaciya", DisplayName: "Инвентаризация"},
			{Name: "Peremeshenie", DisplayName: "Перемещение"},
		},
	}
}
