// Package intake brings files into a deployment: it reads CSV and JSON lines row
// by row, sends them in small calls to an import of package operation, here or
// in the running server, and reports what became of each row.
//
// It judges no row: that is the operation. A file of any size takes the same
// memory; the same file twice adds nothing, so that an import which was cut off
// is simply run again. No error holds the text of a row, which may be a secret.
package intake
