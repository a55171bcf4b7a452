package tasks

import (
	"propusk/internal/authority"
)

// Once makes a creation repeatable: however often the same request is sent, one
// task comes of it, also when the answer was lost to a crash. The zero value
// asks for nothing. Both are kept per account and principal.
type Once struct {
	// Stamp is the UUID of X-Concurrency-Stamp. A repeat is a Conflict that
	// carries the first task's id as Fields["id"].
	Stamp string
	// Key is the Idempotency-Key, 1–255 visible ASCII characters. A repeat with
	// the same Digest gets the first answer again, with another Digest it is
	// Unprocessable.
	Key string
	// Digest is the SHA-256 of what the creation asks for, as it was understood:
	// the same task written in another way has the same one.
	Digest [32]byte
}

func (o Once) checked() (Once, error) {
	if o.Stamp != "" {
		stamp, err := ParseStamp(o.Stamp)
		if err != nil {
			return o, err
		}
		o.Stamp = stamp
	}
	if o.Key == "" {
		return o, nil
	}
	return o, authority.CheckOnceKey(o.Key)
}
