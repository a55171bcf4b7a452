package smarts

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
	"propusk/internal/web/bind"
)

const root = "/api/v1"

// setRoutes are the sets (docs/dialects/smarts.md §2, §3).
func (d *Dialect) setRoutes() []web.Route {
	base := d.reading("/BaseInfo", "Say whether authorization is on; needs no credential.", nil, baseInfo{}, d.baseInfo)
	base.Public = true
	metadata := d.reading("/$metadata", "Describe the sets, as XML or JSON; needs no credential.", metadataRequest{}, description{}, web.JSON(metadata))
	metadata.Public = true
	routes := []web.Route{
		base, metadata,
		d.reading("", "List the sets.", shape{}, rootAnswer{}, web.JSON(serviceRoot)),
		d.reading("/Users", "List users.", listRequest{}, set{}, web.JSON(d.users)),
		d.reading("/Users({key})", "Read a user.", oneRequest{}, object{}, web.JSON(d.user)),
		d.reading("/UserGroups", "List groups of users.", listRequest{}, set{}, web.JSON(d.groups)),
		d.reading("/UserGroups({key})", "Read a group of users.", oneRequest{}, object{}, web.JSON(d.group)),
		d.reading("/Warehouses", "List warehouses.", listRequest{}, set{}, web.JSON(d.warehouses)),
		d.reading("/Warehouses({key})", "Read a warehouse.", oneRequest{}, object{}, web.JSON(d.warehouse)),
		d.reading("/DocTypes", "List types of documents.", listRequest{}, set{}, web.JSON(d.docTypes)),
		d.reading("/DocTypes({key})", "Read a type of documents.", oneRequest{}, object{}, web.JSON(d.docType)),
		d.reading("/Products", "List products.", listRequest{}, set{}, web.JSON(d.products)),
		d.reading("/Products({product})", "Read a product.", productRequest{}, object{}, web.JSON(d.product)),
		d.reading("/Docs", "List documents of every type.", listRequest{}, set{}, web.JSON(d.allDocs)),
		d.reading("/Docs/{type}", "List documents of a type.", docsRequest{}, set{}, web.JSON(d.docs)),
		d.reading("/Docs/{type}({document})", "Read a document.", docRequest{}, object{}, web.JSON(d.doc)),
	}
	return append(routes, d.writeRoutes()...)
}

func (d *Dialect) reading(path, summary string, req, resp any, serve web.Serve) web.Route {
	return web.Route{
		Method: http.MethodGet, Pattern: root + path, Request: req, Response: resp, Fails: []authority.Code{authority.NotAcceptable},
		Summary: summary, Serve: d.underContext(optioned(req, serve)),
	}
}

// optioned refuses the options of a set where one thing is asked for: req is what
// the route is asked with. OData 4.01 Protocol §11.2.4
func optioned(req any, serve web.Serve) web.Serve {
	if req == nil {
		return serve
	}
	taken, err := bind.ParametersOf(reflect.TypeOf(req), false)
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		if err != nil {
			return authority.Wrap(authority.Internal, "", err)
		}
		asked := r.URL.Query()
		for _, name := range options() {
			if asked.Has(name) && !taken.Asks(name) {
				return refused(name, "this option is of a set, and one thing is asked for here, at position 1")
			}
		}
		return serve(w, r, c)
	}
}

// writeRoutes are what changes something: documents and uploads.
func (d *Dialect) writeRoutes() []web.Route {
	writing := func(method, path, verb, summary string, req, resp any, serve web.Serve) web.Route {
		return web.Route{
			Method: method, Pattern: root + path, Audit: verb, Request: req, Response: resp,
			Summary: summary, Serve: d.underContext(serve),
		}
	}
	upload := func(name, verb, summary string, req any, serve web.Serve) web.Route {
		return writing(http.MethodPost, "/Products/"+name, verb, summary, req, web.NoContent{}, serve)
	}
	add := upload("AddProductsToUpload", "catalog.add", "Add products to the upload.", productsFields{}, web.JSON(d.addToUpload))
	add.MaxBody = maxAdd
	return []web.Route{
		upload("BeginUploadProducts", "catalog.begin", "Begin to upload another catalogue.", beginRequest{}, emptyIsObject(web.JSON(d.beginUpload, web.FoldKeys))),
		add,
		upload("EndUploadProducts", "catalog.replace", "Replace the catalogue by the upload, in one step.", nil, web.JSON(d.endUpload)),
		upload("ResetUploadProducts", "catalog.reset", "Throw the upload away.", nil, web.JSON(d.resetUpload)),
		writing(http.MethodPost, "/Docs/{type}", "doc.create", "Make a document.", docFields{}, created{}, web.JSON(d.addDoc)),
		writing(http.MethodPatch, "/Docs/{type}({document})", "doc.change", "Change a document.", changeFields{}, object{}, web.JSON(d.changeDoc)),
		writing(http.MethodDelete, "/Docs/{type}({document})", "doc.remove", "Remove a document.", docRequest{}, web.NoContent{}, web.JSON(d.removeDoc)),
	}
}

// knownOptions refuses an option of OData that is none of ours, rather than
// answer something else than was asked. Names are as OData 4.0 writes them.
func knownOptions(r *http.Request) error {
	for name := range r.URL.Query() {
		if strings.HasPrefix(name, "$") && !slices.Contains(options(), name) {
			return refused(name[:min(len(name), 64)], "there is no such option, at position 1")
		}
	}
	return nil
}

func options() []string {
	return []string{
		"$filter", "$orderby", "$select", "$expand", "$top", "$skip", "$skiptoken", "$count", "$format", "$search", "$apply",
	}
}
