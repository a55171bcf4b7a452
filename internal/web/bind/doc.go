// Package bind turns what a client sent into the fields of a Go value, strictly:
// where two programs could read it differently, or it is of another kind than the
// field, it is refused and the refusal names the field.
//
//	Parameters  fields tagged path, query, header and form
//	Shape       fields tagged json, from a body of JSON (RFC 8259, RFC 7493)
//
// How a type is filled is worked out once, at start. Which part of a request is
// read, its limits and its content type are package web's, as is the answer.
package bind
