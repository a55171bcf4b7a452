// Package testenv gives tests a real server: the demo's data on either engine,
// both stands on loopback, a clock that the test moves, and what it logged.
//
//	e := testenv.Start(t, testenv.Options{})
//	answer := e.Do(t, testenv.Call{Path: "/fsm/WORK/Tasks", Header: testenv.Bearer(token)})
//
// Exercise is the suite that every dialect passes: it asks each line of the
// route table what the wire contract says of it. Play runs transcripts.
//
// Only tests import it, as package x_test.
package testenv
