// Package operation is what the operator's command line can do, as one table:
// name, account, input in JSON, result in JSON. Beside a running server the
// commands reach the table through a socket in the data folder (Listen, Client);
// without one they run it in their own process (Table). Both ways end in the
// same function, so that neither can do what the other does not.
//
// It decides nothing: that is package admin, or the slice that an import fills.
// Every operation acts as authority.System, whoever may open the socket or the
// folder; Table.As is the same table in the hands of a user.
package operation
