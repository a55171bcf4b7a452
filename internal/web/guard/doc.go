// Package guard reads each HTTP/1 head byte by byte before net/http does, and
// lets pass only what every strict reader would read the same way (rule 16).
//
//	Listener  accepts, at most a number at once; speaks TLS; puts the guard in front
//	Conn      one connection: what of it may be served, and why a head was refused
//
// It answers for framing and for nothing behind it: package web routes, answers
// what is refused here, and says how much of a body it wants.
package guard
