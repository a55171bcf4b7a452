package ringme

import "propusk/internal/authority"

// Allowed says why a call is refused to the user and the application behind it.
func Allowed(user, through authority.Principal, reads bool, level string) error {
	return allowed(user, through, reads, level)
}

// Wires gives status and word of a code in both tables; false for one that a
// table lacks.
func Wires(code authority.Code) (statuses []int, ok bool) {
	call, inCall := callWire(code)
	token, inToken := tokenWire(code)
	return []int{call.status, token.status}, inCall && inToken
}
