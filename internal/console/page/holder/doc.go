// Package holder is what the screens of users, service users and applications
// have in common: their lists by name, the choice of roles and areas, the secrets
// that one of them holds and who still uses each, and the fields of forms that
// make another.
//
// Its templates are parts of package page. It decides nothing: package admin does.
package holder
