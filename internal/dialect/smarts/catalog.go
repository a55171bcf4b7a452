package smarts

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
	"propusk/internal/web"
)

func (d *Dialect) warehouses(ctx context.Context, c authority.Caller, q listRequest) (set, error) {
	all, err := d.Catalog.Directory(ctx, c)
	if err != nil {
		return set{}, err
	}
	return listed(ctx, warehouseEntity(), q, all.Warehouses)
}

func (d *Dialect) docTypes(ctx context.Context, c authority.Caller, q listRequest) (set, error) {
	all, err := d.Catalog.Directory(ctx, c)
	if err != nil {
		return set{}, err
	}
	return listed(ctx, docTypeEntity(), q, all.DocTypes)
}

func (d *Dialect) warehouse(ctx context.Context, c authority.Caller, q oneRequest) (object, error) {
	all, err := d.Catalog.Directory(ctx, c)
	if err != nil {
		return nil, err
	}
	return picked(ctx, warehouseEntity(), q, all.Warehouses)
}

func (d *Dialect) docType(ctx context.Context, c authority.Caller, q oneRequest) (object, error) {
	all, err := d.Catalog.Directory(ctx, c)
	if err != nil {
		return nil, err
	}
	return picked(ctx, docTypeEntity(), q, all.DocTypes)
}

// picked gives the row that has the key, in any case unless another has it as it
// is written.
func picked[R query.Row](ctx context.Context, e entity, q oneRequest, rows []R) (object, error) {
	key, err := keyOf(q.Key)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(rows, func(row R) bool { return row.Field(e.key).Text == key })
	if at < 0 {
		at = slices.IndexFunc(rows, func(row R) bool { return strings.EqualFold(row.Field(e.key).Text, key) })
	}
	if at < 0 {
		return nil, authority.E(authority.NotFound, "there is nothing with this key")
	}
	return e.one(ctx, q.shape, rows[at])
}

func (d *Dialect) products(ctx context.Context, c authority.Caller, q listRequest) (set, error) {
	return pager[catalog.Product]{entity: productEntity(), page: d.Catalog.Products, row: productElement}.list(ctx, c, q)
}

// productRequest names a product.
type productRequest struct {
	shape
	Key string `path:"product" about:"An id in single quotes, as the list gives it"`
}

func (d *Dialect) product(ctx context.Context, c authority.Caller, q productRequest) (object, error) {
	key, err := keyOf(q.Key)
	if err != nil {
		return nil, err
	}
	p, err := d.Catalog.Product(ctx, c, key)
	if err != nil {
		return nil, err
	}
	return productEntity().one(ctx, q.shape, productElement(p))
}

// docsRequest is what documents of a type are asked with.
type docsRequest struct {
	listRequest
	Type string `path:"type" about:"A name of a type of documents, as DocTypes gives it"`
}

// docRequest names a document.
type docRequest struct {
	shape
	Type string `path:"type" about:"A name of a type of documents, as DocTypes gives it"`
	Key  string `path:"document" about:"An id in single quotes, as the list gives it"`
}

func (d *Dialect) allDocs(ctx context.Context, c authority.Caller, q listRequest) (set, error) {
	return d.docs(ctx, c, docsRequest{listRequest: q})
}

func (d *Dialect) docs(ctx context.Context, c authority.Caller, q docsRequest) (set, error) {
	return pager[catalog.Doc]{entity: docEntity(), page: d.Catalog.Docs, row: docElement, of: q.Type}.list(ctx, c, q.listRequest)
}

func (d *Dialect) doc(ctx context.Context, c authority.Caller, q docRequest) (object, error) {
	key, err := keyOf(q.Key)
	if err != nil {
		return nil, err
	}
	found, err := d.Catalog.Doc(ctx, c, q.Type, key)
	if err != nil {
		return nil, err
	}
	return docEntity().one(ctx, q.shape, docElement(found))
}

// created is a new document with its address. OData 4.01 Protocol §11.4.2
type created struct {
	object
	location string
}

// StatusCode implements web.Statuser.
func (created) StatusCode() int { return http.StatusCreated }

// SetHeaders implements web.Headerer.
func (c created) SetHeaders(h http.Header) { h["Location"] = []string{c.location} }

// JSONBody implements web.Bodier.
func (c created) JSONBody() any { return c.object }

func (d *Dialect) addDoc(ctx context.Context, c authority.Caller, q docBody) (created, error) {
	id, patch, err := readDoc(q.Type, q.Body)
	if err != nil {
		return created{}, err
	}
	doc := patch.Apply(catalog.Doc{ID: id, Type: q.Type})
	if doc, err = d.Writer.AddDoc(ctx, c, doc); err != nil {
		return created{}, err
	}
	body, err := docEntity().one(ctx, shape{}, docElement(doc))
	key := "('" + url.PathEscape(strings.ReplaceAll(doc.ID, "'", "''")) + "')"
	return created{body, addressOf(ctx).root + "/Docs/" + url.PathEscape(doc.Type) + key}, err
}

func (d *Dialect) changeDoc(ctx context.Context, c authority.Caller, q docChange) (object, error) {
	key, err := keyOf(q.Key)
	if err != nil {
		return nil, err
	}
	id, patch, err := readDoc(q.Type, q.Body)
	if err != nil {
		return nil, err
	}
	if id != "" && id != key {
		return nil, authority.E(authority.InvalidValue, "the id of a document cannot be changed").With("field", "id")
	}
	doc, err := d.Writer.ChangeDoc(ctx, c, q.Type, key, patch)
	if err != nil {
		return nil, err
	}
	return docEntity().one(ctx, shape{}, docElement(doc))
}

func (d *Dialect) removeDoc(ctx context.Context, c authority.Caller, q docRequest) (web.NoContent, error) {
	key, err := keyOf(q.Key)
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Writer.RemoveDoc(ctx, c, q.Type, key)
}
