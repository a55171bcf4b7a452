// Package web does the chores of HTTP once, for every dialect.
//
//	Server   listens, with TLS reloaded in place, timeouts and a graceful stop
//	Edge     request id, client address, access log, metrics, panics
//	Mux      collects routes; Router is the one place that maps a request to one
//	JSON     decodes a typed request strictly and encodes a typed response
//
// It answers for routing and bodies; its sub-packages for framing (guard), for
// reading typed values (bind) and for counting (limit). It does not decide who is let in and knows
// no dialect: package dialect runs the pipeline that does, through the Pipeline
// interface declared here.
package web
