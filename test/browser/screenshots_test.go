//go:build unix && screenshots

package browser_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// pictures is where the pictures of the README lie, and limit is how many bytes
// they may have together.
const (
	pictures = "../../docs/images"
	limit    = 2 << 20
)

// TestScreenshots takes the pictures of the README anew: make screenshots.
func TestScreenshots(t *testing.T) {
	company.tasks, company.calls = "2000", "5000"
	folder, err := filepath.Abs(pictures)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	runFile(t, "screenshots.mjs", "PROPUSK_PICTURES="+folder)
	files, err := filepath.Glob(filepath.Join(folder, "*.png"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no pictures: %v", err)
	}
	quantise := exec.CommandContext(t.Context(), "pngquant", append([]string{"--force", "--skip-if-larger", "--strip", "--speed", "1", "--ext", ".png", "256", "--"}, files...)...)
	if out, err := quantise.CombinedOutput(); err != nil {
		t.Fatalf("pngquant: %v\n%s", err, out)
	}
	var size int64
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size > limit {
		t.Errorf("the pictures have %d bytes, %d are allowed", size, limit)
	}
}
