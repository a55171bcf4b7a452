package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// asset is a file that pages load. Its address holds a hash of its bytes, so
// that it may be kept for ever.
type asset struct {
	kind   string
	plain  []byte
	packed []byte // gzip; nil where that is no shorter
}

// assets holds files by their hashed name, and the hashed names by their own.
type assets struct {
	files map[string]asset
	names map[string]string
}

func newAssets() assets { return assets{map[string]asset{}, map[string]string{}} }

// read adds the files of static/ in an area.
func (a assets) read(files fs.FS) error {
	entries, err := fs.ReadDir(files, "static")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		text, err := fs.ReadFile(files, "static/"+e.Name())
		if err != nil {
			return err
		}
		if err := a.add(e.Name(), text); err != nil {
			return err
		}
	}
	return nil
}

func (a assets) add(name string, text []byte) error {
	if a.names[name] != "" {
		return fmt.Errorf("page: two assets are called %s", name)
	}
	kind, ok := map[string]string{
		".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".png": "image/png",
	}[path.Ext(name)]
	if !ok {
		return fmt.Errorf("page: no content type is known for %s", name)
	}
	sum := sha256.Sum256(text)
	hashed := strings.TrimSuffix(name, path.Ext(name)) + "." + hex.EncodeToString(sum[:5]) + path.Ext(name)
	packed, err := pack(text)
	if err != nil {
		return err
	}
	a.files[hashed], a.names[name] = asset{kind, text, packed}, hashed
	return nil
}

func pack(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil || b.Len() >= len(text) {
		return nil, err
	}
	return b.Bytes(), nil
}

// serve answers a request for a file.
func (a assets) serve(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
	f, ok := a.files[r.PathValue("name")]
	if !ok {
		return authority.E(authority.NotFound, "there is no such file")
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if f.packed != nil && takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		web.WriteBody(w, http.StatusOK, f.kind, f.packed)
		return nil
	}
	web.WriteBody(w, http.StatusOK, f.kind, f.plain)
	return nil
}

// takesGzip reads Accept-Encoding as far as a browser's goes. RFC 9110 §12.5.3.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" {
			return !slices.Contains([]string{"q=0", "q=0.0", "q=0.00", "q=0.000"}, strings.TrimSpace(q))
		}
	}
	return false
}
