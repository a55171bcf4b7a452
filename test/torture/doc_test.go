// Package torture_test ends the real `propusk serve` in every way a machine can
// end it, and checks what was acknowledged before: kill -9 under load on both
// engines, kills and errors at single system calls, power cuts, a full disk.
//
// Drivers beside the server write a ledger: what they are about to ask for,
// and what was answered. After each end they hold the server to it:
//
//	I1 what was acknowledged and not revoked works
//	I2 what was acknowledged as revoked, rotated away or disabled is refused
//	I3 an operation without an answer happened wholly or not at all
//	I4 a family has one refresh token that counts; a retry gets the same pair
//	I5 nothing that was not issued works
//	I7 one effect per stamp
//	I8 every acknowledged change has its audit entry
//	I9 the start takes at most five seconds, and the database is sound
//
// Short forms run with all tests. `make torture` runs the long ones, called
// TestTorture…, under the build tag of that name.
//
// The faults of single transactions are tested in internal/store; here stands
// the whole program.
package torture_test
