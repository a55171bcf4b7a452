package keys_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"propusk/internal/keys"
)

func TestCreatedDeploymentKeyLoads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deployment.key")
	made, err := keys.CreateDeploymentKey(path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := keys.LoadDeploymentKey(path)
	if err != nil || read != made {
		t.Fatalf("read another key back: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	text, err := os.ReadFile(path)
	if err != nil || len(text) != 45 || text[44] != '\n' {
		t.Errorf("text of %d bytes, %v", len(text), err)
	}
	if _, err := keys.CreateDeploymentKey(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second key over the first: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left over: %v, %v", entries, err)
	}
}

func TestTwoFirstStartsMakeOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deployment.key")
	var all sync.WaitGroup
	made := make([]keys.DeploymentKey, 8)
	errs := make([]error, len(made))
	for i := range made {
		all.Go(func() { made[i], errs[i] = keys.CreateDeploymentKey(path) })
	}
	all.Wait()
	kept, err := keys.LoadDeploymentKey(path)
	if err != nil {
		t.Fatal(err)
	}
	winners := 0
	for i := range made {
		switch {
		case errs[i] == nil && made[i] == kept:
			winners++
		case !errors.Is(errs[i], fs.ErrExist):
			t.Errorf("start %d: %v, key kept: %v", i, errs[i], made[i] == kept)
		}
	}
	if winners != 1 {
		t.Errorf("%d starts made the key", winners)
	}
}

func TestCreateFailsWithoutFolder(t *testing.T) {
	_, err := keys.CreateDeploymentKey(filepath.Join(t.TempDir(), "absent", "deployment.key"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestLoadRefusesWhatOthersCanRead(t *testing.T) { // B92
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o644, 0o601, 0o610} {
		path := filepath.Join(t.TempDir(), "deployment.key")
		if err := os.WriteFile(path, []byte(keyText), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := keys.LoadDeploymentKey(path)
		if err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %v: %v", mode, err)
		}
		if err != nil && strings.Contains(err.Error(), keyText) {
			t.Errorf("mode %v: the error tells the key", mode)
		}
	}
}

func TestLoadRefusesFolderAndMissingFile(t *testing.T) {
	if _, err := keys.LoadDeploymentKey(t.TempDir()); err == nil {
		t.Error("a folder was taken")
	}
	if _, err := keys.LoadDeploymentKey(filepath.Join(t.TempDir(), "no")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

func TestParseDeploymentKey(t *testing.T) {
	for _, good := range []string{keyText, keyText + "\n", keyText + "\r\n"} {
		if _, err := keys.ParseDeploymentKey(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	bad := map[string]string{
		"empty":            "",
		"line end only":    "\n",
		"two line ends":    keyText + "\n\n",
		"line end inside":  keyText[:20] + "\n" + keyText[20:],
		"blank in front":   " " + keyText,
		"no padding":       strings.TrimRight(keyText, "="),
		"stray bits":       keyText[:42] + "9=",
		"url alphabet":     strings.Replace(keyText, "A", "-", 1),
		"31 bytes":         base64.StdEncoding.EncodeToString(make([]byte, 31)),
		"33 bytes":         base64.StdEncoding.EncodeToString(make([]byte, 33)),
		"hex":              strings.Repeat("0f", 32),
		"zeros":            base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"one letter":       base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 32)),
		"NUL behind":       keyText + "\x00",
		"a key and a word": keyText + " secret",
	}
	for name, text := range bad {
		_, err := keys.ParseDeploymentKey(text)
		if err == nil {
			t.Errorf("%s: taken", name)
		} else if len(text) > 8 && strings.Contains(err.Error(), text[:8]) {
			t.Errorf("%s: the error tells the text: %v", name, err)
		}
	}
}

func TestDeploymentKeyNeverPrints(t *testing.T) { // rule 6
	k, err := keys.ParseDeploymentKey(keyText)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("key", "key", k)
	out := fmt.Sprintf("%v %+v %#v %s %q %x %d", k, k, k, k, k, k, k) + log.String()
	for _, leak := range []string{"AAEC", "000102", "0 1 2", "0x0, 0x1"} {
		if strings.Contains(out, leak) {
			t.Errorf("printed: %s", out)
		}
	}
}

func TestSealerNeedsKeyAndPurpose(t *testing.T) {
	k, err := keys.ParseDeploymentKey(keyText)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.NewSealer(keys.DeploymentKey{}, keys.PurposeKeys); err == nil {
		t.Error("the zero key seals")
	}
	if _, err := keys.NewSealer(k, ""); err == nil {
		t.Error("a sealer without purpose")
	}
}

func TestSealerBindsPurposeAndParts(t *testing.T) {
	k, err := keys.ParseDeploymentKey(keyText)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := keys.NewSealer(k, "one")
	two, _ := keys.NewSealer(k, "two")
	sealed := one.Seal([]byte("secret"), "ab", "c")
	if got, err := one.Open(sealed, "ab", "c"); err != nil || string(got) != "secret" {
		t.Fatalf("%q, %v", got, err)
	}
	if bytes.Equal(sealed, one.Seal([]byte("secret"), "ab", "c")) {
		t.Error("two seals are equal: the nonce is not random")
	}
	for _, parts := range [][]string{nil, {"ab"}, {"a", "bc"}, {"abc"}, {"c", "ab"}, {"ab", "c", ""}} {
		if _, err := one.Open(sealed, parts...); err == nil {
			t.Errorf("opened as %q", parts)
		}
	}
	if _, err := two.Open(sealed, "ab", "c"); err == nil {
		t.Error("opened for another purpose")
	}
	for i := range sealed {
		if _, err := one.Open(flip(sealed, i), "ab", "c"); err == nil {
			t.Errorf("opened with byte %d changed", i)
		}
		if _, err := one.Open(sealed[:i], "ab", "c"); err == nil {
			t.Errorf("opened when cut to %d", i)
		}
	}
}
