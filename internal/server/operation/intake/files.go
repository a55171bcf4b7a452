package intake

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// GuessFormat tells the format of the first file that the paths name.
func GuessFormat(paths []string) string {
	either := func(name string) bool {
		return Records{Format: FreeSWITCHJSON}.Matches(name) || Records{Format: AsteriskCSV}.Matches(name)
	}
	for name, err := range Files(paths, either) {
		if err == nil && (Records{Format: FreeSWITCHJSON}.Matches(name) || beginsWithBrace(name)) {
			return FreeSWITCHJSON
		}
		break
	}
	return AsteriskCSV
}

func beginsWithBrace(name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() { // what is read of a pipe is gone
		return false
	}
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	var head [1]byte
	_, err = io.ReadFull(file, head[:])
	return err == nil && head[0] == '{'
}

// Matches reports whether a file of a folder holds records of the format.
func (r Records) Matches(name string) bool {
	if r.Format == FreeSWITCHJSON {
		return strings.HasSuffix(name, ".json")
	}
	return strings.Contains(name, ".csv") && !strings.HasSuffix(name, ".gz")
}

// chunk is how many names of a folder are read at once: a folder of FreeSWITCH
// has a file for each call.
const chunk = 1000

// Files lists the files that the paths name, and those of folders that match.
func Files(paths []string, matches func(name string) bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, p := range paths {
			info, err := os.Stat(p)
			switch {
			case err == nil && info.IsDir():
				if !inFolder(p, matches, yield) {
					return
				}
			case !yield(p, err):
				return
			}
		}
	}
}

func inFolder(path string, matches func(string) bool, yield func(string, error) bool) bool {
	folder, err := os.Open(path)
	if err != nil {
		return yield(path, err)
	}
	defer folder.Close()
	for {
		entries, err := folder.ReadDir(chunk)
		for _, e := range entries {
			inside := filepath.Join(path, e.Name())
			switch {
			case e.IsDir() && !inFolder(inside, matches, yield):
				return false
			case e.Type().IsRegular() && matches(e.Name()) && !yield(inside, nil):
				return false
			}
		}
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return yield(path, err)
		}
	}
}

// chain reads files one after the other as if they were one. A file that cannot
// be opened is a bad row; the caller closes the chain.
type chain struct {
	next  func() (string, error, bool)
	stop  func()
	open  func(io.Reader) Rows
	file  func(name string) (io.ReadCloser, error)
	name  string
	now   io.Closer // the file that is read
	rows  Rows
	meter *Meter
	any   bool // there is a file
}

// newChain makes a chain of files; meter counts what is read.
func newChain(files iter.Seq2[string, error], open func(io.Reader) Rows, meter *Meter) *chain {
	c := &chain{open: open, meter: meter, file: func(name string) (io.ReadCloser, error) { return os.Open(name) }}
	c.next, c.stop = iter.Pull2(files)
	return c
}

// Next implements Rows.
func (c *chain) Next() (Row, error) {
	for {
		if c.rows == nil {
			name, err, ok := c.next()
			switch {
			case !ok && !c.any:
				return Row{}, FileError("there is no file of call records")
			case !ok:
				return Row{}, io.EOF
			}
			c.any = true
			if c.name = name; err == nil {
				err = c.begin()
			}
			if err != nil {
				row := badRow(0, fmt.Errorf("cannot be read: %w", err))
				row.Name = name
				return row, nil
			}
		}
		row, err := c.rows.Next()
		row.Name = c.name
		if !errors.Is(err, io.EOF) {
			return row, err
		}
		c.rows = nil
		_ = c.now.Close()
	}
}

// begin opens the file whose turn it is.
func (c *chain) begin() error {
	file, err := c.file(c.name)
	if err == nil {
		c.now, c.rows = file, c.open(c.meter.Reader(file))
	}
	return err
}

// Close lets go of the files.
func (c *chain) Close() {
	c.stop()
	if c.rows != nil {
		_ = c.now.Close()
	}
}
