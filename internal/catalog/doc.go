// Package catalog holds the rules of a warehouse: products and how a whole
// catalogue of them is replaced at once, warehouses, types of documents, and the
// documents that are worked off there.
//
// Every method of its services takes an authority.Caller and acts only inside
// its account; what another account has is NotFound and never counted. The
// permission is asked for here: a route that forgot it opens nothing.
//
// A catalogue has versions. Readers see the current one, and who pages through a
// former one goes on in it for a while; an upload fills one that nobody sees and
// becomes current in one step. It does not know HTTP (dialects translate), SQL
// (store/catalog satisfies the ports) or the syntax of queries (catalog/query
// holds their meaning).
package catalog
