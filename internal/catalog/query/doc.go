// Package query holds what a set is asked with: a typed tree of conditions, an
// order, a page. It tests rows in memory (Apply); store/catalog renders the same
// tree as SQL, and both find the same rows.
//
// It knows no syntax: dialects parse their own (such as OData's) into it.
package query
