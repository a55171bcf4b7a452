// Package page is what every screen of the console is made with: the frame that
// a screen is shown in, its words in two languages, forms, lists, assets, and
// the headers that keep a page to itself.
//
// A group of screens is an Area: templates, messages and a list of Screens. The
// console mounts areas; the pipeline decides who is let in to which screen, as
// it does for every dialect. A screen's Serve gets a View: who asks, what was
// sent, and how to answer.
//
// Templates lie in the area's folder templates, one file a page; each defines
// "title" and "content". They are given the View's methods and Data:
//
//	{{define "title"}}{{$.T "users.title"}}{{end}}
//	{{define "content"}}{{range .Data.Items}}<a href="{{$.URL "/users/%d" .ID}}">{{.Name}}</a>{{end}}{{end}}
//
// Files that begin with "_" define parts for the area's other files. The parts
// of every area are in this package's templates/_parts.html. Words lie in
// messages.yaml, each with all its languages.
//
// It knows no screen, decides nothing about rights and touches no storage.
package page
