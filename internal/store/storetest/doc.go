// Package storetest gives tests a real database of each engine, migrated, of
// its own, and gone afterwards. Only tests import it.
//
//	storetest.Each(t, func(t *testing.T, db *store.DB) { … })
//
// PostgreSQL is the server that PROPUSK_TEST_POSTGRES names (a URL or key=value
// text; its user must be able to create databases), or else one that the first
// test of the process starts from the machine's own programs, as an
// unprivileged user, on a socket in a temporary folder. It ends with the
// process, however that ends.
package storetest
