// Package console is the web console: pages on which people see who holds which
// key, make keys and take them away, and look at the work behind the door.
//
// It is a dialect: its pages are routes of a table, the pipeline lets users in to
// them by permission, and what they change goes through the same core calls as
// the API, with the same audit entries. A session is a grant of this dialect
// whose token lies in a cookie (rule 17).
//
// The screens are in sub-packages, an area each, made with package console/page.
// This package puts them together. It decides nothing itself.
package console
