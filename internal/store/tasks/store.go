// Package tasks keeps work orders: it satisfies the ports of internal/tasks
// with SQL that both engines read.
//
// # Deep pages
//
// A list sorted by creation answers any offset from counts that each write keeps
// up to date in its own transaction. Tasks are cut into chunks by (created, id),
// which never change; for each chunk, area and "closed" there is a count, and one
// for all areas together. The chunks that a page lies in follow from adding up
// counts; what is left to skip lies inside one chunk. Totals of these lists, and
// of a range of creation, come from the same counts.
//
// Lists with other filters or orders scan an index; they are correct and bounded
// by the account, not fast at any size.
package tasks

import (
	"time"

	"propusk/internal/store"
	"propusk/internal/tasks"
)

// Store keeps tasks in a database. Safe for concurrent use.
type Store struct {
	db *store.DB
	// chunk is how many tasks a chunk holds at most.
	chunk int64
}

var (
	_ tasks.Store          = (*Store)(nil)
	_ tasks.DirectoryStore = (*Store)(nil)
)

// chunkSize bounds what a page has to skip one by one: about a millisecond. A
// thousand chunks then hold two million tasks.
const chunkSize = 2048

// keepStamp is how long a stamp is remembered: it comes from devices that may be
// off for weeks.
const keepStamp = 30 * 24 * time.Hour

// New makes a Store over db, which has been migrated.
func New(db *store.DB) *Store { return &Store{db: db, chunk: chunkSize} }
