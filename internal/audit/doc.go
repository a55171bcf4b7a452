// Package audit proves that the audit is what was written: each entry is sealed
// over the former one under a key of the deployment, so that an altered entry,
// one put between others and one that was taken away are found, and told apart
// from those that left on purpose.
//
//	Sealer    seals and checks entries, tallies, notes of purges and the chain's beginning
//	Gone      says which entries have left on purpose, when, why and for whom
//	Verifier  walks the whole log beside everything else and reports by position and time
//	Anchor    a line for a place that the deployment cannot write over: file or syslog
//
// The chain covers what never changes of an entry. An entry that goes on
// counting for a minute has its count, its last time, its last grant and its
// last request covered by a tally, made again with each count. Without anchors
// nobody can tell that the newest entries were cut off.
//
// It knows neither SQL nor when entries are written: package store appends and
// reads, package server carries anchors out.
package audit
