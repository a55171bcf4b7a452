// Package web does the chores of HTTP once, for every dialect.
//
//	Guard    reads each HTTP/1 head byte by byte before net/http does
//	Server   listens, with TLS reloaded in place, timeouts and a graceful stop
//	Edge     request id, client address, access log, metrics, panics
//	Mux      collects routes; Router is the one place that maps a request to one
//	JSON     decodes a typed request strictly and encodes a typed response
//	Limiter  requests per credential; Attempts counts refused sign-ins
//
// It answers for framing, routing, decoding and limits. It does not decide who
// is let in and knows no dialect: package dialect runs the pipeline that does,
// through the Pipeline interface declared here.
package web
