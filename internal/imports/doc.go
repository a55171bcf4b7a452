// Package imports runs the imports of files that users send: each is a job that
// goes on when its request is over, says how far it has come, and leaves a
// report. A job that the end of its process has cut off is known as such at the
// next start: its file is gone, and sending it again adds nothing twice.
//
// It keeps the bytes of a file on disk while its job runs, readable to this
// process alone. It neither reads rows nor decides about them: the Work that it
// is given does.
package imports
