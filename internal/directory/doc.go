// Package directory holds the rules of an account's telephone extensions: their
// numbers, whose they are, and which addresses want to hear of their calls.
//
// Every method of Service takes an authority.Caller and acts only inside its
// account; an extension of another account is NotFound and never counted.
// Extensions lie in no area, so a caller who is bound to areas sees none of them.
// Service asks for the permission itself too, so a route that forgot to name it
// opens nothing.
//
// It does not know HTTP (dialects translate), SQL (store/directory satisfies
// Store), the calls themselves (calls), or how events are delivered: an event
// here is a wish that is kept.
package directory
