//go:build unix

package foreign_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// door is a way to a demo: its address, the variables that make foreign
// programs trust its certificate, and who may come in.
type door struct {
	url         string
	environment []string
	ca          string // certificate's file, "" for plain HTTP
	token       string // service token
	total       int64  // work orders of the account
}

// The samples of the HubEx documentation's page on getting started with its
// API, section 5, lie in testdata as they are printed there. Nothing is changed
// in them but the host and the secrets.
func (d door) sample(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "https://api.hubex.ru/fsm/") {
		t.Fatalf("%s: the host to replace is not there", file)
	}
	return strings.NewReplacer("https://api.hubex.ru", d.url, "ваш_токен", d.token).Replace(string(text))
}

func (d door) in(cmd *exec.Cmd) *exec.Cmd {
	cmd.Env = append(cmd.Environ(), d.environment...)
	return cmd
}

// page is the part of a list of tasks that the documentation promises.
type page struct {
	Data []struct {
		ID, Title, Status, CreatedAt string
	} `json:"data"`
	Total int64 `json:"total"`
}

// check asks that text is the first page of the account's tasks.
func (d door) check(t *testing.T, text string) {
	t.Helper()
	var p page
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatalf("not a page of tasks: %v\n%s", err, text)
	}
	if len(p.Data) != 50 || p.Total != d.total {
		t.Errorf("%d rows of %d, want 50 of %d", len(p.Data), p.Total, d.total)
	}
	for _, row := range p.Data {
		if row.ID == "" || row.Title == "" || row.Status == "" || row.CreatedAt == "" {
			t.Errorf("a documented field is empty: %+v", row)
		}
	}
}

// curl's two requests, each run by a shell as it is printed.
func (d door) curl(t *testing.T) {
	need(t, "curl", "curl")
	first, second, ok := strings.Cut(d.sample(t, "testdata/hubex-curl.sh"), "# Получение списка заявок\n")
	if !ok {
		t.Fatal("testdata/hubex-curl.sh: the second request is not there")
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
	}
	out := output(t, d.in(command(t, "sh", "-euc", first)))
	if err := json.Unmarshal([]byte(out), &answer); err != nil || answer.ExpiresIn != 86400 {
		t.Fatalf("no token of 24 hours: %v\n%s", err, out)
	}
	second = strings.ReplaceAll(second, "ваш_access_token", answer.AccessToken)
	d.check(t, output(t, d.in(command(t, "sh", "-euc", second))))
}

// python runs the program with Debian's interpreter and requests. It prints a
// Python value, which Python turns into JSON.
func (d door) python(t *testing.T) {
	python := needPython(t, "requests", "python3-requests")
	program := d.sample(t, "testdata/hubex-requests.py")
	run := d.in(command(t, python, "-"))
	run.Stdin = strings.NewReader(program)
	printed := output(t, run)
	turn := command(t, python, "-c", "import ast,json,sys; json.dump(ast.literal_eval(sys.stdin.read()), sys.stdout)")
	turn.Stdin = strings.NewReader(printed)
	d.check(t, output(t, turn))
}

// needPython gives Debian's interpreter, which is not always the first in PATH.
func needPython(t *testing.T, module, debian string) string {
	t.Helper()
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import "+module).CombinedOutput(); err != nil {
		t.Fatalf("%s has no module %s: install the Debian package %s, or run make deps\n%s", python, module, debian, out)
	}
	return python
}

// newman runs the collection; a failed check of its own is its exit code.
func (d door) newman(t *testing.T) {
	args := []string{
		needNode(t, "newman", "newman/bin/newman.js"), "run", "../newman/hubex.postman_collection.json",
		"--color", "off", "--disable-unicode",
	}
	secret := map[string]any{"values": []map[string]string{
		{"key": "baseUrl", "value": d.url}, {"key": "serviceToken", "value": d.token},
	}}
	args = append(args, "--environment", writeJSON(t, secret))
	if d.ca != "" {
		args = append(args, "--ssl-extra-ca-certs", d.ca)
	}
	out := output(t, d.in(command(t, need(t, "node", "nodejs"), args...)))
	if !strings.Contains(out, "401 in the shape of HubEx") {
		t.Errorf("newman did not run the whole collection:\n%s", out)
	}
}

// clients runs every client of the documentation against d.
func (d door) clients(t *testing.T) {
	t.Run("curl", d.curl)
	t.Run("python", d.python)
	t.Run("newman", d.newman)
}

// A client of HubEx moves by changing host and secret.
func TestHubEx(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	a := f.Accounts[0].HubEx
	door{url: f.BaseURL, token: a.ServiceToken, total: a.TasksTotal}.clients(t)
}

// writeJSON puts v into a file of the test's own.
func writeJSON(t *testing.T, v any) string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(mustJSON(t, v)); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}
