package intake

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"propusk/internal/calls"
	"propusk/internal/calls/cdr"
	"propusk/internal/server/operation"
)

// mostRecordings is how many recordings a call may have.
const mostRecordings = 16

// Recordings finds sound files by what they are named after: the id of a call, or
// what a dialplan has written into its records.
type Recordings struct {
	files  []operation.RecordedFile // mp3 rather than wav of one name
	names  []string                 // of the files, without folder and ending
	byName map[string][]int         // by the whole name, and by the id in it
	within *stems
	claims map[int]claim // by file
}

// claim says whose a recording is. An id in its name decides, else a text that
// stands in the records of one call alone.
type claim struct {
	key  string // of the call
	byID bool
	more bool // other calls have as good a claim
}

// FindRecordings walks a folder for mp3 and wav files.
func FindRecordings(folder string) (*Recordings, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(folder)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, errors.New("it is a file; a folder is meant")
	}
	r := &Recordings{byName: make(map[string][]int), claims: make(map[int]claim)}
	stems := make(map[string]int)
	err = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			r.add(path, stems)
		}
		return err
	})
	r.within = newStems(r.names)
	return r, err
}

// add takes a file; stems are the paths of those that came before, without ending.
func (r *Recordings) add(path string, stems map[string]int) {
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(path, ext)
	f := operation.RecordedFile{Path: path}
	switch strings.ToLower(ext) {
	case ".mp3":
		f.Media = calls.MP3
	case ".wav":
		f.Media = calls.WAV
	default:
		return
	}
	name := filepath.Base(stem)
	at, again := stems[stem]
	switch {
	case strings.HasSuffix(stem, string(filepath.Separator)): // it is named .mp3
	case again && f.Media == calls.MP3:
		r.files[at] = f
	case !again:
		at = len(r.files)
		stems[stem] = at
		r.files, r.names = append(r.files, f), append(r.names, name)
		r.byName[name] = append(r.byName[name], at)
		if id := cdr.IDIn(name); id != "" && id != name {
			r.byName[id] = append(r.byName[id], at)
		}
	}
}

// named gives the files that are named after a text: so, or after the id in it.
func (r *Recordings) named(text string) []int {
	at := r.byName[text]
	if id := cdr.IDIn(text); id != "" && id != text {
		at = append(slices.Clone(at), r.byName[id]...)
	}
	return at
}

// ofIDs gives the files in whose names one of the ids stands.
func (r *Recordings) ofIDs(ids []string) []int {
	var out []int
	for _, id := range ids {
		out = append(out, r.named(id)...)
		out = append(out, r.within.hold(id, mostRecordings+1)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// note hears of every leg before the first call is asked for.
func (r *Recordings) note(l cdr.Leg) {
	if r == nil {
		return
	}
	for _, at := range r.ofIDs(l.Names) {
		r.claim(at, claim{key: l.Key, byID: true})
	}
	for _, text := range l.Texts {
		if found := r.within.hold(text, 2); len(found) == 1 && len(r.named(text)) == 0 {
			r.claim(found[0], claim{key: l.Key})
		}
	}
}

func (r *Recordings) claim(at int, c claim) {
	have, there := r.claims[at]
	switch {
	case !there || c.byID && !have.byID:
		r.claims[at] = c
	case c.byID == have.byID && c.key != have.key:
		have.more = true
		r.claims[at] = have
	}
}

// of gives the recordings of a call. unclear: there are some of which nobody can
// tell whether they are its; it gets none of those.
func (r *Recordings) of(c cdr.Call) (files []operation.RecordedFile, unclear bool) {
	if r == nil {
		return nil, false
	}
	found := r.ofIDs(c.Names)
	for _, text := range c.Texts {
		at, doubt := r.ofText(text, c.SourceID)
		found, unclear = append(found, at...), unclear || doubt
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) > mostRecordings {
		return nil, true
	}
	for _, at := range found {
		files = append(files, r.files[at])
	}
	return files, unclear && len(files) == 0
}

// ofText gives the files that a text names, or else the one in whose name it
// stands, unless that is another call's.
func (r *Recordings) ofText(text, call string) (found []int, unclear bool) {
	if at := r.named(text); len(at) > 0 {
		return at, false
	}
	found = r.within.hold(text, 2)
	if len(found) == 1 && r.claims[found[0]] == (claim{key: call}) {
		return found, false
	}
	ofOthers := func(at int) bool { return r.claims[at].byID }
	return nil, len(found) > 0 && !(ofOthers(found[0]) && ofOthers(found[len(found)-1]))
}
