package imports

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// Kind is what a file holds.
type Kind string

// The kinds of files.
const (
	Tasks       Kind = "tasks"
	Products    Kind = "products"
	Calls       Kind = "calls"
	Credentials Kind = "credentials"
)

// State says where a job stands.
type State string

// The states. All but Running are final.
const (
	Running State = "running"
	Done    State = "done"    // the file was read to its end
	Stopped State = "stopped" // it could not go on; Job.Why says why
	Cut     State = "cut"     // the server ended meanwhile
)

// MaxRefused is how many refused rows a report names.
const MaxRefused = 100

// Kept is how many jobs of an account are remembered.
const Kept = 100

// Report says what became of the rows of a file.
type Report struct {
	Passed  int64 // bytes of the file that are read
	Read    int   // rows
	Added   int
	Same    int // there already
	Changed int
	Bad     int
	Other   int       // records that say nothing by themselves
	Line    int       // the last one that was answered for
	Refused []Refused // the first MaxRefused of the bad rows
	Held    bool      // all stays as it was, because of the bad rows
}

// Refused is a row that was not taken.
type Refused struct {
	Line int    `json:"line"`
	Why  string `json:"why"` // what to change
}

// Job is the import of one file.
type Job struct {
	Report

	ID        authority.ID
	Account   authority.ID
	Principal authority.ID // who has sent it
	Kind      Kind
	File      string // its name
	Size      int64  // in bytes
	Try       bool   // nothing is changed
	Replace   bool   // what the file does not name leaves
	State     State
	Code      authority.Code // of the error that stopped it
	Why       string         // its message
	Began     time.Time
	Ended     time.Time // zero = it runs
}

// Over reports whether the job has ended.
func (j Job) Over() bool { return j.State != Running }

// Share is how much of the file is read, in percent.
func (j Job) Share() int {
	if j.Size <= 0 {
		return 0
	}
	return int(min(j.Passed, j.Size) * 100 / j.Size)
}

// Store keeps jobs. Each writing method is one durable transaction.
type Store interface {
	// BeginJob keeps a new job; the oldest of its account's leave.
	BeginJob(ctx context.Context, j Job) error
	// NoteJob keeps how far a job has come, or how it has ended.
	NoteJob(ctx context.Context, j Job) error
	// Job reads one of an account's. NotFound for any other.
	Job(ctx context.Context, account, id authority.ID) (Job, error)
	// Jobs lists the newest of a kind.
	Jobs(ctx context.Context, account authority.ID, kind Kind, size int) ([]Job, error)
	// CutJobs ends all that are said to run, and gives how many there were.
	CutJobs(ctx context.Context, at time.Time) (int, error)
}
