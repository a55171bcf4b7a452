// Package retention takes away what an account has kept long enough: calls,
// their recordings, answers that could be asked for again, and audit entries,
// each after its own number of days (authority.Retention). Where there is an
// archive, rows are written there, durably, before they leave the database.
//
// It works in short steps beside everything else, and a step that was cut short
// is done again: an archive may hold a row twice, but never misses one. It knows
// neither SQL nor what a row means; store/calls and store/admin do.
package retention
