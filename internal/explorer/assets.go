package explorer

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
)

//go:embed static
var staticFiles embed.FS

// assets are the files that pages load. One hash over all of them is part of
// their address: scripts name each other without it.
type assets struct {
	hash  string
	files map[string]text
}

func readAssets() (*assets, error) {
	a := &assets{files: map[string]text{}}
	entries, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, entry := range entries {
		body, err := staticFiles.ReadFile("static/" + entry.Name())
		if err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", entry.Name(), len(body), body) // a hash takes everything
		packed, err := text{media: mediaOf(entry.Name()), body: body, keep: true}.packed()
		if err != nil {
			return nil, err
		}
		a.files[entry.Name()] = packed
	}
	a.hash = hex.EncodeToString(sum.Sum(nil)[:6])
	return a, nil
}

func mediaOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

// address is where a file is.
func (a *assets) address(name string) string { return root + "/assets/" + a.hash + "/" + name }
