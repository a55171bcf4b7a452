package authority

import (
	"net/netip"
	"time"
)

// Outcome says how an audited act ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
)

// Entry is one line of the audit. It never holds a secret. Count is how many
// acts it stands for: 1, or more where routine acts were gathered.
type Entry struct {
	ID         ID // position in the audit; set by the store
	Time       time.Time
	Stand      Stand
	Account    ID // 0 = unknown (a refused stranger)
	Actor      ID // principal; 0 = unknown or System
	Credential ID
	Grant      ID
	Dialect    string
	Door       string
	Address    netip.Addr
	RequestID  string
	Verb       string // "token.issue", "task.create", …
	Object     string // "task/123"; may be empty
	Outcome    Outcome
	Reason     string // why refused, or the System reason; fixed words
	Count      int
	// Gather, when set, is the key under which routine entries past 60 a minute
	// are counted into one; "" = a line of its own.
	Gather string
}
