// Package hubex speaks the HubEx FSM REST API (docs/dialects/hubex.md): two
// ways to an access token and the methods of work orders, below /fsm.
//
// It translates only: requests into calls of authority and tasks, their answers
// and errors into the documented shapes. Who is let in is decided by package
// dialect's pipeline and by authority, what a caller sees and may change by
// tasks.
package hubex
