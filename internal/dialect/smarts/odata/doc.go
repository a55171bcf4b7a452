// Package odata reads the query options of OData 4 that smarts takes ($filter,
// $orderby, $select, $expand, $top, $skip, $count) into the typed trees of
// catalog/query.
//
// Every parser is bounded in length and depth and names the position of what it
// cannot read. It knows no HTTP and no rows: who calls says which fields there
// are (query.Schema).
package odata
