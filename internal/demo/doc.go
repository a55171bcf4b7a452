// Package demo runs the whole product on believable data: two service companies
// on each stand, with work orders one could show a customer, and the secrets
// that open them in a fixture file.
//
// It answers for what lies in the demo's folder and for the fixture; the server
// it starts is that of package server, nothing less. Unlike a real deployment it
// keeps its secrets in the clear, beside the data, so that a second start has the
// same ones: `serve` refuses such a folder.
//
// Data comes from a seed: the same seed gives the same work orders and counts.
// Ids, stamps and secrets are random each time.
package demo
