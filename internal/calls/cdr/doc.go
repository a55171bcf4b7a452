// Package cdr reads the call detail records that telephone exchanges write:
// Asterisk's cdr-csv files and FreeSWITCH's JSON records. It turns the records
// of one call, its legs, into one calls.Call.
//
// It reads no file and writes no row: it gets the fields of a record and gives a
// call, which package calls checks and adds. No error holds a field's text.
package cdr
