// Package odata reads the query options of OData 4 that smarts takes ($filter,
// $orderby, $select, $top, $skip, $count) into typed trees, and applies them to
// rows in memory.
//
// Every parser is bounded in length and depth and names the position of what it
// cannot read. It knows no HTTP and no rows of its own: who calls says which
// fields there are (Schema) and what they hold (Row).
package odata
