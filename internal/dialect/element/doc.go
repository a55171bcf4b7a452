// Package element speaks the control-panel API of 1C:Enterprise.Element
// (docs/dialects/element.md): an access key is exchanged for a JWT signed with
// RS512 that lives an hour, and with it a program does what the console does.
//
// It is a thin face of package admin: that package asks for permissions, keeps
// the account's walls and writes the audit. What is decided here is the wire:
// kebab-case names, UUIDs in the place of ids, pages, and the error object. The
// one rule of its own is that only users of the account's own list come in:
// users of an application are refused whatever their role.
package element
