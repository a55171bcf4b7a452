// Package disk is what a file system needs to be told so that files survive a
// power cut. It imports nothing of Propusk; keys, blob, retention and store
// write their files with it.
package disk
