package server

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"propusk/internal/authority"
	"propusk/internal/calls/lame"
)

// maxConfig bounds the file: a configuration is a page or two.
const maxConfig = 1 << 20

// ConfigError lists everything that is wrong with one configuration file.
type ConfigError struct {
	File     string
	Problems []Problem
}

// Problem is one thing to mend. Line is 0 where the fault lies in what the file
// does not say; Key is the path of the key, such as limits.body.
type Problem struct {
	Line int
	Key  string
	Text string
}

// Error gives a line for each problem: file:line: key: what to change.
func (e *ConfigError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = e.File
		if p.Line > 0 {
			lines[i] += fmt.Sprintf(":%d", p.Line)
		}
		if p.Key != "" {
			lines[i] += ": " + p.Key
		}
		lines[i] += ": " + p.Text
	}
	return strings.Join(lines, "\n")
}

// LoadConfig reads and checks the configuration file at path. With an empty
// path it gives Defaults. What the file gets wrong comes back as one
// *ConfigError that names every key and its line.
func LoadConfig(path string) (Config, error) {
	if path == "" {
		return Defaults(), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	c, err := parseConfig(path, text)
	if err != nil {
		return Config{}, err
	}
	if info, err := f.Stat(); err == nil {
		c.exposed = info.Mode().Perm()&0o077 != 0
	}
	return c, nil
}

// parseConfig reads text, checks it and resolves its paths against file.
func parseConfig(file string, text []byte) (Config, error) {
	c := Defaults()
	r := &reader{lines: map[string]int{}}
	r.document(text, &c)
	if len(r.problems) == 0 {
		c.resolve(filepath.Dir(file))
		r.check(&c)
	}
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		return Config{}, &ConfigError{File: file, Problems: r.problems}
	}
	return c, nil
}

// document decodes the one YAML document of text into c.
func (r *reader) document(text []byte, c *Config) {
	if len(text) > maxConfig {
		r.fail(0, "", "larger than 1 MiB")
		return
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return
	case err != nil:
		line, text := syntax(err)
		r.fail(line, "", "%s", text)
		return
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		r.fail(0, "", "must be one YAML document")
		return
	}
	r.value(doc.Content[0], c)
}

// syntax splits the parser's "yaml: line N: text".
func syntax(err error) (line int, text string) {
	text = strings.TrimPrefix(err.Error(), "yaml: ")
	if n, _ := fmt.Sscanf(text, "line %d:", &line); n == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	return line, text
}

// resolve makes every path of c start at base.
func (c *Config) resolve(base string) {
	for _, p := range []*string{
		&c.Data, &c.Database.DSNFile, &c.DeploymentKey.File, &c.Recordings.Folder, &c.Archive.Folder, &c.Audit.Anchor.File, &c.TLS.Certificate, &c.TLS.Key,
		&c.Console.Provider.ClientSecretFile,
	} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(base, *p)
		}
	}
	if l := &c.Recordings.LAME; strings.ContainsRune(*l, filepath.Separator) && !filepath.IsAbs(*l) {
		*l = filepath.Join(base, *l)
	}
}

// DeploymentKeyFile is where the deployment key lies.
func (c Config) DeploymentKeyFile() string {
	return cmp.Or(c.DeploymentKey.File, filepath.Join(c.Data, "deployment.key"))
}

// RecordingsFolder is where recordings lie.
func (c Config) RecordingsFolder() string {
	return cmp.Or(c.Recordings.Folder, filepath.Join(c.Data, "recordings"))
}

// DatabaseDSN gives the address of PostgreSQL, read from DSNFile where that is
// set. It is empty with sqlite.
func (c Config) DatabaseDSN() (authority.Secret, error) {
	if c.Database.DSNFile == "" {
		return c.Database.DSN, nil
	}
	text, err := os.ReadFile(c.Database.DSNFile)
	if err != nil {
		return authority.Secret{}, fmt.Errorf("database.dsn_file: %w", err)
	}
	return authority.NewSecret(strings.TrimSpace(string(text))), nil
}

// lame finds the program that makes mp3; nil = none does.
func (c Config) lame() (*lame.Program, error) {
	if c.Recordings.LAME == off {
		return nil, nil //nolint:nilnil // none is no error
	}
	p, err := lame.Find(cmp.Or(c.Recordings.LAME, "lame"))
	if err != nil && c.Recordings.LAME == "" {
		return nil, nil //nolint:nilnil // it need not be installed
	}
	if err != nil {
		return nil, fmt.Errorf("recordings.lame: %w", err)
	}
	return p, nil
}
