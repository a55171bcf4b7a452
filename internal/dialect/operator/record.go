package operator

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/web"
)

type fileRequest struct {
	ID string `query:"recordFileId" required:"true" about:"recordFileId, as the history gives it"`
}

// fileAnswer is a recording as base64 between two texts. It is written as it is
// read, whatever its size.
type fileAnswer struct {
	d      *Dialect
	ctx    context.Context // of the one request that it answers
	caller authority.Caller
	prefix []byte
	suffix []byte
	size   int64 // of the recording, bytes
	made   bool  // of a recording that is kept otherwise
	file   io.ReadCloser
}

func (d *Dialect) file(ctx context.Context, c authority.Caller, req fileRequest) (*fileAnswer, error) {
	began := d.Now()
	id, err := calls.ParseID(req.ID)
	if err != nil {
		return nil, err
	}
	a, err := d.open(ctx, c, id)
	if err != nil {
		return nil, err
	}
	hash, key := newHash()
	a.prefix = fmt.Appendf(nil, `%s"file_NAME":%q,%s,"fileContent":"`, noError, recordName(id), d.facts(c, began, hash).of(fileName))
	a.suffix = []byte(`"}}`)
	if r, ok := ctx.Value(requestKey{}).(*http.Request); ok && r.Method == http.MethodHead {
		return a, nil // nobody is told the hash
	}
	err = d.Results.Keep(ctx, c, key, calls.Result{Method: fileName, Recording: id, Prefix: a.prefix, Suffix: a.suffix})
	if err != nil {
		_ = a.file.Close()
		return nil, err
	}
	return a, nil
}

// open reads a recording as mp3: the documentation promises nothing else.
func (d *Dialect) open(ctx context.Context, c authority.Caller, id authority.ID) (*fileAnswer, error) {
	r, file, err := d.Calls.OpenMP3(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return &fileAnswer{d: d, ctx: ctx, caller: c, size: r.Size, made: r.Copy.Blob != "", file: file}, nil
}

const (
	pieceSize = 48 << 10 // a multiple of 3, so that pieces of base64 need no end
	glance    = 8 << 20  // bytes between two looks at the caller
)

// Stream implements web.Streamer.
func (a *fileAnswer) Stream(w http.ResponseWriter) {
	defer a.file.Close()
	if a.made {
		patience(w) // making it took of the time that an answer has
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	length := int64(len(a.prefix)+len(a.suffix)) + (a.size+2)/3*4
	h.Set("Content-Length", strconv.FormatInt(length, 10))
	if r, ok := a.ctx.Value(requestKey{}).(*http.Request); ok && r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return
	}
	if err := a.write(w); err != nil {
		web.Abort()
	}
}

func (a *fileAnswer) write(w http.ResponseWriter) error {
	if _, err := w.Write(a.prefix); err != nil {
		return err
	}
	piece := make([]byte, pieceSize)
	text := make([]byte, base64.StdEncoding.EncodedLen(pieceSize))
	for left, seen := a.size, int64(0); left > 0; {
		n, err := io.ReadFull(a.file, piece[:min(left, pieceSize)])
		if err != nil {
			return err
		}
		base64.StdEncoding.Encode(text, piece[:n])
		if _, err := w.Write(text[:base64.StdEncoding.EncodedLen(n)]); err != nil {
			return err
		}
		left -= int64(n)
		if seen += int64(n); seen < glance {
			continue
		}
		seen = 0
		if err := advance(w); err != nil {
			return err
		}
		if err := a.d.still(a.ctx, a.caller, calls.RecordRead); err != nil {
			return err
		}
	}
	_, err := w.Write(a.suffix)
	return err
}
