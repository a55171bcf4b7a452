package keys

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"propusk/internal/disk"
)

// deploymentKeySize is the length of a deployment key in bytes.
const deploymentKeySize = 32

// maxKeyFile bounds what is read of a key file: the text has 44 characters.
const maxKeyFile = 1 << 10

const redacted = "[redacted]"

// DeploymentKey is the key that seals all others. It prints and logs as a fixed
// mark. The zero value seals nothing: NewSealer refuses it.
type DeploymentKey struct{ secret [deploymentKeySize]byte }

// Format implements fmt.Formatter, for every verb.
func (DeploymentKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// LogValue implements slog.LogValuer.
func (DeploymentKey) LogValue() slog.Value { return slog.StringValue(redacted) }

// ParseDeploymentKey reads the text form: standard base64 with padding of 32
// bytes, as `openssl rand -base64 32` prints it, and at most one line end.
// Errors never repeat the text.
func ParseDeploymentKey(text string) (DeploymentKey, error) {
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	// The decoder skips line ends inside; the round trip refuses them.
	if err != nil || base64.StdEncoding.EncodeToString(raw) != text {
		return DeploymentKey{}, errors.New("deployment key: not base64 of 32 bytes; make one with: openssl rand -base64 32")
	}
	if len(raw) != deploymentKeySize {
		return DeploymentKey{}, fmt.Errorf("deployment key: has %d bytes instead of 32; make one with: openssl rand -base64 32", len(raw))
	}
	if bytes.Count(raw, raw[:1]) == len(raw) {
		return DeploymentKey{}, errors.New("deployment key: one byte repeated is no key; make one with: openssl rand -base64 32")
	}
	var k DeploymentKey
	copy(k.secret[:], raw)
	return k, nil
}

// LoadDeploymentKey reads the key file at path. It refuses a file that group or
// others can read, and says how to mend it. A missing file is fs.ErrNotExist.
func LoadDeploymentKey(path string) (DeploymentKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return DeploymentKey{}, fmt.Errorf("deployment key: %w", err)
	}
	defer f.Close()
	// The open file is judged, not the path: it cannot be swapped in between.
	info, err := f.Stat()
	if err != nil {
		return DeploymentKey{}, fmt.Errorf("deployment key: %w", err)
	}
	if err := checkPrivate(path, info); err != nil {
		return DeploymentKey{}, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return DeploymentKey{}, fmt.Errorf("deployment key: %w", err)
	}
	k, err := ParseDeploymentKey(string(text))
	if err != nil {
		return DeploymentKey{}, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}

func checkPrivate(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("deployment key: %s is not a regular file", path)
	}
	if modeMatters && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("deployment key: %s has mode %04o: group or others can reach it; mend it with: chmod 600 %s",
			path, info.Mode().Perm(), path)
	}
	return nil
}

// CreateDeploymentKey makes a random key and keeps it at path with mode 0600.
// After it returns, the file survives a power cut. It never replaces a file:
// where path exists it fails with fs.ErrExist.
func CreateDeploymentKey(path string) (DeploymentKey, error) {
	var k DeploymentKey
	rand.Read(k.secret[:]) // never fails since Go 1.24
	if err := writeNew(path, base64.StdEncoding.EncodeToString(k.secret[:])+"\n"); err != nil {
		return DeploymentKey{}, fmt.Errorf("deployment key: %w", err)
	}
	return k, nil
}

// writeNew puts text at path, whole or not at all.
func writeNew(path, text string) error {
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, ".deployment-key-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already where publish renamed it
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := publish(f.Name(), path); err != nil {
		return err
	}
	return disk.SyncFolder(folder)
}

// publish gives temp the name path. A link, unlike a rename, fails where path
// exists, so two first starts cannot overwrite each other's key.
func publish(temp, path string) error {
	err := os.Link(temp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// Some file systems have no links.
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return os.Rename(temp, path)
}
