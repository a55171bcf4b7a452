package authority

import (
	"context"
	"sync"
)

// Once makes one changing request repeatable (Idempotency-Key): however often it
// is sent, its effect comes once. The pipeline puts it in the request's context.
// The first change that storage makes for that context claims the key in the
// same transaction, or finds it claimed: then nothing is changed and the request
// gets the answer of the one that came first. Keys belong to an account and a principal.
type Once struct {
	Account   ID
	Principal ID
	Key       string   // as the client chose it
	Digest    [32]byte // of what the request asks for; another one under the same key is refused

	mu      sync.Mutex
	claimed bool
}

// Answer is what a request got: its status and the text that storage keeps. The
// zero Status stands for a request whose effect is there and whose answer is not.
type Answer struct {
	Status int
	Text   []byte
}

type onceKey struct{}

// WithOnce returns a context whose first change claims o.
func WithOnce(ctx context.Context, o *Once) context.Context {
	return context.WithValue(ctx, onceKey{}, o)
}

// OnceOf gives what WithOnce put into ctx; nil = the request is an ordinary one.
func OnceOf(ctx context.Context) *Once {
	o, _ := ctx.Value(onceKey{}).(*Once)
	return o
}

// Claim notes that the effect and the claim of the key are on disk. Storage
// calls it.
func (o *Once) Claim() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.claimed = true
}

// Claimed reports whether a change was made under the key.
func (o *Once) Claimed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.claimed
}

// maxOnceKey bounds the text of a key, in characters.
const maxOnceKey = 255

// CheckOnceKey refuses a key that is not 1–255 visible ASCII characters, with
// Malformed.
func CheckOnceKey(key string) error {
	if key == "" || len(key) > maxOnceKey {
		return E(Malformed, "the idempotency key must have 1 to 255 characters")
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return E(Malformed, "the idempotency key must be visible ASCII characters")
		}
	}
	return nil
}
