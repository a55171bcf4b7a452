package imports

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
)

// Spool holds a file while it is imported. Its bytes are on disk under a key that
// only this value knows, for a file may hold secrets; and its name has left the
// folder where the system can do that, so that nothing stays after a sudden end.
type Spool struct {
	file *os.File
	name string                   // "" = it has left the folder
	seed [32 + aes.BlockSize]byte // key and first counter block, of this one file
	size int64
	read atomic.Int64
}

// prefix begins the names of spools.
const prefix = "import-"

// ClearSpools makes the folder, and throws away what a process that died has left
// in it.
func ClearSpools(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("imports: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(folder, prefix+"*"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// NewSpool keeps what r gives. An error of r comes back as it is. The caller
// closes the spool.
func NewSpool(ctx context.Context, folder string, r io.Reader) (*Spool, error) {
	file, err := os.CreateTemp(folder, prefix+"*")
	if err != nil {
		return nil, fmt.Errorf("imports: %w", err)
	}
	s := &Spool{file: file, name: file.Name()}
	if os.Remove(s.name) == nil {
		s.name = ""
	}
	_, _ = rand.Read(s.seed[:]) // never fails: crypto/rand ends the program instead
	if err := s.fill(ctx, r); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// stream is the key's, from the first byte on.
func (s *Spool) stream() (cipher.Stream, error) {
	block, err := aes.NewCipher(s.seed[:32])
	if err != nil {
		return nil, err
	}
	return cipher.NewCTR(block, s.seed[32:]), nil
}

func (s *Spool) fill(ctx context.Context, r io.Reader) error {
	stream, err := s.stream()
	if err != nil {
		return err
	}
	buffer := make([]byte, 256<<10)
	for {
		n, failed := io.ReadFull(r, buffer)
		stream.XORKeyStream(buffer[:n], buffer[:n])
		if _, err := s.file.Write(buffer[:n]); err != nil {
			return fmt.Errorf("imports: %w", err)
		}
		s.size += int64(n)
		switch {
		case errors.Is(failed, io.EOF) || errors.Is(failed, io.ErrUnexpectedEOF):
			return nil
		case failed != nil:
			return failed
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// Size is how many bytes there are.
func (s *Spool) Size() int64 { return s.size }

// Passed is how many of them were read.
func (s *Spool) Passed() int64 { return s.read.Load() }

// Reader reads the file from its beginning. There is one at a time.
func (s *Spool) Reader() (io.Reader, error) {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("imports: %w", err)
	}
	stream, err := s.stream()
	s.read.Store(0)
	return Counted(cipher.StreamReader{S: stream, R: s.file}, &s.read), err
}

// Counted adds up in n what is read from r.
func Counted(r io.Reader, n *atomic.Int64) io.Reader { return counted{r, n} }

type counted struct {
	io.Reader

	n *atomic.Int64
}

// Read implements io.Reader.
func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// Close throws the bytes away.
func (s *Spool) Close() error {
	err := s.file.Close()
	if s.name != "" {
		err = errors.Join(err, os.Remove(s.name))
	}
	return err
}
