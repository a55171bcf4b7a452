package operator

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/web"
)

type resultRequest struct {
	Hash string `query:"requestHash" required:"true" about:"requestHash of the former answer"`
}

// textAnswer is an answer that was kept whole.
type textAnswer struct{ packed []byte }

// Stream implements web.Streamer.
func (a textAnswer) Stream(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	unpack, err := gzip.NewReader(bytes.NewReader(a.packed))
	if err == nil {
		_, err = io.Copy(w, unpack) //nolint:gosec // our own answer, of 10,000 rows at most
	}
	if err != nil {
		web.Abort()
	}
}

// result gives a former answer again, byte for byte. Who asks must still be
// allowed to ask what was asked.
func (d *Dialect) result(ctx context.Context, c authority.Caller, req resultRequest) (web.Streamer, error) {
	kept, err := d.find(ctx, c, req.Hash)
	if err != nil {
		return nil, err
	}
	if need := permissionOf(kept.Method); !c.Can(need) || !c.Areas().All {
		return nil, authority.E(authority.Forbidden, "the permission "+string(need)+" is missing").
			With("permission", string(need))
	}
	if kept.Recording == 0 {
		return textAnswer{kept.Body}, nil
	}
	a, err := d.open(ctx, c, kept.Recording)
	if err != nil {
		return nil, err
	}
	a.prefix, a.suffix = kept.Prefix, kept.Suffix
	return a, nil
}

// find reads what was kept. Misses are counted: hashes are not for guessing.
func (d *Dialect) find(ctx context.Context, c authority.Caller, hash string) (calls.Result, error) {
	key, err := readHash(hash)
	if err != nil {
		return calls.Result{}, d.missed(c)
	}
	kept, err := d.Results.Find(ctx, c, key)
	if authority.CodeOf(err) == authority.NotFound {
		return calls.Result{}, d.missed(c)
	}
	return kept, err
}

// missed is the answer to a hash that finds nothing.
func (d *Dialect) missed(c authority.Caller) error {
	if d.Misses != nil {
		if err := d.Misses.Allow(c.Credential()).Err(); err != nil {
			return err
		}
	}
	return noResult()
}

// permissionOf is what the method of a kept answer takes.
func permissionOf(method string) authority.Permission {
	if method == fileName {
		return calls.RecordRead
	}
	return calls.CallsList
}
