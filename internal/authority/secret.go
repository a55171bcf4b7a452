package authority

import "log/slog"

// Secret holds a long-lived secret, a password or a token on its way through
// the program. It prints, logs and encodes as a fixed mark, so that no careless
// line can leak it; only Reveal gives the text. The zero Secret is empty.
type Secret struct{ text string }

const redacted = "[redacted]"

// NewSecret wraps text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal gives the text. Call it where the text goes on the wire or into a
// keyed hash, and nowhere else.
func (s Secret) Reveal() string { return s.text }

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.text == "" }

// String implements fmt.Stringer.
func (s Secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return redacted }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements encoding.TextMarshaler, for JSON and friends.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
