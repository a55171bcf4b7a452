package calls

import (
	"time"

	"propusk/internal/authority"
)

// The permissions that the routes of calls ask for.
const (
	CallsList    authority.Permission = "CallsList"    // read the history of calls
	CallsAdd     authority.Permission = "CallsAdd"     // add calls that took place elsewhere
	RecordRead   authority.Permission = "RecordRead"   // listen to recordings
	RecordDelete authority.Permission = "RecordDelete" // delete recordings
)

// Permissions lists every permission of this package once.
func Permissions() []authority.Permission {
	return []authority.Permission{CallsList, CallsAdd, RecordRead, RecordDelete}
}

// Direction tells which way a call went, seen from the account. Its numbers are
// stored and never change.
type Direction int

// The directions.
const (
	Outgoing Direction = iota + 1
	Incoming
	Internal
)

// Directions lists every direction once.
func Directions() []Direction { return []Direction{Outgoing, Incoming, Internal} }

// String gives "out", "in" or "internal".
func (d Direction) String() string {
	switch d {
	case Outgoing:
		return "out"
	case Incoming:
		return "in"
	case Internal:
		return "internal"
	}
	return "unknown"
}

// Disposition tells how a call ended. Its numbers are stored and never change.
type Disposition int

// The dispositions.
const (
	Answered  Disposition = iota + 1
	NoAnswer              // rang and nobody took it
	Busy                  // the called side was busy
	Failed                // no way to the called side
	Cancelled             // the calling side gave up
	Voicemail             // the called side's machine took it
)

// Dispositions lists every disposition once.
func Dispositions() []Disposition {
	return []Disposition{Answered, NoAnswer, Busy, Failed, Cancelled, Voicemail}
}

// String gives the word in upper case, as call records have it: "ANSWERED",
// "NO ANSWER", "BUSY", "FAILED", "CANCELLED", "VOICEMAIL".
func (d Disposition) String() string {
	switch d {
	case Answered:
		return "ANSWERED"
	case NoAnswer:
		return "NO ANSWER"
	case Busy:
		return "BUSY"
	case Failed:
		return "FAILED"
	case Cancelled:
		return "CANCELLED"
	case Voicemail:
		return "VOICEMAIL"
	}
	return "UNKNOWN"
}

// Party is one side of a call.
type Party struct {
	Number    string       // as the exchange wrote it; "" = withheld
	Name      string       // "" = unknown
	Extension authority.ID // of the account; 0 = none of its own
}

// Call is one call. Times are UTC, in whole milliseconds. A call never changes
// but for what becomes of its recordings.
type Call struct {
	ID          authority.ID
	Source      string // what system told of it, such as "asterisk"
	SourceID    string // its id there; unique per account and source
	Direction   Direction
	From, To    Party
	Begun       time.Time
	Answered    time.Time     // zero = never
	Duration    time.Duration // from the beginning to the end
	Talk        time.Duration // from the answer to the end
	Disposition Disposition
	Read        bool // somebody has listened to it
	Recordings  []Recording
}

// Recording is one sound file of a call. It never changes, but that an mp3 may be
// made of it.
type Recording struct {
	ID    authority.ID
	Call  authority.ID
	Begun time.Time // of the call
	Media Media
	Size  int64  // bytes
	Blob  string // its name among Files
	Copy  Copy   // the mp3 that was made of another Media
}

// Blobs names everything that Files keeps of r.
func (r Recording) Blobs() []string {
	if r.Copy.Blob == "" {
		return []string{r.Blob}
	}
	return []string{r.Blob, r.Copy.Blob}
}

// Media is the kind of a sound file.
type Media string

// The kinds.
const (
	MP3 Media = "mp3"
	WAV Media = "wav"
)

// Type gives the media type of RFC 6838.
func (m Media) Type() string {
	if m == MP3 {
		return "audio/mpeg"
	}
	return "audio/wav"
}
