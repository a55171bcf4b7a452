// Package calls holds the rules of telephone calls and their recordings: what a
// call must look like, how numbers are compared, who reads the history, and that
// a call imported twice is there once.
//
// Every method of Service takes an authority.Caller and acts only inside its
// account; a call of another account is NotFound and never counted. Calls lie in
// no area, so a caller who is bound to areas sees none of them. Service asks for
// the permission itself too, so a route that forgot to name it opens nothing.
//
// It does not know HTTP (dialects translate), SQL (store/calls satisfies Store),
// where the bytes of recordings lie (blob satisfies Files) or how a caller was
// let in (authority).
package calls
