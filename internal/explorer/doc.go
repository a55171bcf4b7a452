// Package explorer documents every dialect from its route table: an OpenAPI 3.1
// document, a Postman collection, and a page that runs each method.
//
//	Book     what there is to say of one dialect, worked out from its routes
//	OpenAPI  the document of a book
//	Postman  the collection of a book
//	Explorer the routes that serve both and the pages
//
// It decides nothing about who may call what: its pages hold no secret, and what
// is run from them goes through the same pipeline as every other request. What a
// dialect says of itself beside its routes is dialect.Manual; JSON Schema is
// written by the sub-package schema.
package explorer
