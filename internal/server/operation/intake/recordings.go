package intake

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"propusk/internal/calls"
	"propusk/internal/calls/cdr"
	"propusk/internal/server/operation"
)

// Recordings finds sound files by what they are named after.
type Recordings struct {
	byName map[string][]operation.RecordedFile
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
	r := &Recordings{byName: make(map[string][]operation.RecordedFile)}
	return r, filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			r.add(path)
		}
		return err
	})
}

func (r *Recordings) add(path string) {
	base := filepath.Base(path)
	ext := filepath.Ext(base)
	f := operation.RecordedFile{Path: path}
	switch strings.ToLower(ext) {
	case ".mp3":
		f.Media = calls.MP3
	case ".wav":
		f.Media = calls.WAV
	default:
		return
	}
	if base = strings.TrimSuffix(base, ext); base == "" {
		return
	}
	r.byName[base] = append(r.byName[base], f)
	if id := cdr.IDIn(base); id != "" && id != base {
		r.byName[id] = append(r.byName[id], f)
	}
}

// of gives the recordings of a call by its names: one of each name, mp3 rather
// than wav of the same.
func (r *Recordings) of(names []string) []operation.RecordedFile {
	if r == nil {
		return nil
	}
	var out []operation.RecordedFile
	seen := map[string]int{} // path without extension → place in out
	for _, name := range names {
		for _, key := range []string{name, cdr.IDIn(name)} {
			for _, f := range r.byName[key] {
				stem := strings.TrimSuffix(f.Path, filepath.Ext(f.Path))
				at, there := seen[stem]
				switch {
				case !there:
					seen[stem] = len(out)
					out = append(out, f)
				case f.Media == calls.MP3:
					out[at] = f
				}
			}
		}
	}
	return out
}
