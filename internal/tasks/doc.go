// Package tasks holds the rules of work orders: what a task must look like,
// where it may go next, who sees it, and how a repeated request has one effect.
//
// Every method of Service takes an authority.Caller and acts only inside its
// account and areas; a task of another account, outside the areas or deleted is
// NotFound and never counted. Service asks for the permission itself too, so a
// route that forgot to name it opens nothing.
//
// It does not know HTTP (dialects translate), SQL (store/tasks satisfies Store)
// or how a caller was let in (authority).
package tasks
