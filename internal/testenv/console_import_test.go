package testenv_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/demo"
	"propusk/internal/imports"
	"propusk/internal/server"
	storeimports "propusk/internal/store/imports"
	"propusk/internal/testenv"
)

// upload sends a form with a file: its fields, name and value by turns, first.
func upload(t *testing.T, p *testenv.Pages, kind, name, file string, fields ...string) testenv.Shown {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(file)); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return imported(t, p, p.Upload(t, "/import/"+kind, form.FormDataContentType(), &b))
}

// imported gives the page of the import that an upload has begun, once it is
// over; the answer itself where it has begun none.
func imported(t *testing.T, p *testenv.Pages, s testenv.Shown) testenv.Shown {
	t.Helper()
	if s.Status != http.StatusSeeOther {
		return s
	}
	at := strings.TrimPrefix(s.To, page.Base(p.Stand))
	for until := time.Now().Add(time.Minute); time.Now().Before(until); {
		if s = p.Get(t, at); !strings.Contains(s.Body, "data-hx-trigger") {
			return s
		}
	}
	t.Fatal("the import does not end: " + mainOf(s))
	return s
}

// figure reads a figure of the report.
func figure(t *testing.T, s testenv.Shown, label string) string {
	t.Helper()
	return found(t, s, "<dt>"+label+"</dt><dd>([^<]*)</dd>")
}

const ordersFile = "id,title,created\nA-1,Cold radiator,2024-05-20T10:00:00Z\nA-2,,2024-05-20T10:00:00Z\nA-3,\"<script>alert(1)</script>\",2024-05-21\n"

func TestConsoleImportTasks(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	for _, a := range []demo.Account{env.Fixture.Accounts[0], env.Fixture.Test.Accounts[0]} {
		stand := a.Stand
		t.Run(a.Contract, func(t *testing.T) {
			p := env.SignIn(t, stand, a.Console.Administrator)
			leads(t, p.Get(t, "/import"), page.Base(stand)+"/import/tasks")
			shows(t, p.Get(t, "/import/tasks"), "Only check", "deadline")

			tried := upload(t, p, "tasks", hostile, ordersFile, "mode", "try")
			shows(t, tried, "Checked, nothing changed", "Import the file for real", "script>")
			if strings.Contains(tried.Body, "<script>alert") {
				t.Error("the file's name is not escaped")
			}
			if got := figure(t, tried, "Would be added"); got != "2" {
				t.Errorf("a check would add %s", got)
			}
			if p.Get(t, "/tasks?text=Cold+radiator").Says("Cold radiator</td>") {
				t.Error("a check adds")
			}

			done := upload(t, p, "tasks", "a.csv", ordersFile, "mode", "real")
			shows(t, done, "Imported", "Some rows were refused")
			if added, bad := figure(t, done, "Added"), figure(t, done, "Refused"); added != "2" || bad != "1" {
				t.Errorf("%s added, %s refused", added, bad)
			}
			if got := found(t, done, `<tr><th scope="row">(\d+)</th>`); got != "3" {
				t.Errorf("the bad row is said to be in line %s", got)
			}
			list := p.Get(t, "/tasks?text=script")
			shows(t, list, "<script>alert(1)</script>")
			if strings.Contains(list.Body, "<script>alert") {
				t.Error("a cell is not escaped")
			}

			again := upload(t, p, "tasks", "a.csv", strings.ReplaceAll(ordersFile, "A-2,,", "A-3,x,"), "mode", "real")
			shows(t, again, "nothing was added")
			if got := figure(t, again, "Added"); got != "0" {
				t.Errorf("the same file adds %s", got)
			}
			p.Lang = "ru"
			shows(t, p.Get(t, "/import/tasks"), "Только проверить")
			shows(t, upload(t, p, "tasks", "a.csv", ordersFile, "mode", "real"), "Что исправить", "Отклонено")
		})
	}
}

func TestConsoleImportKinds(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)

	products := "id;name;unit;price\nimp-1;Milk;pcs;89,90\nimp-2;Bread;pcs;x\n"
	kept := upload(t, p, "products", "p.csv", products, "mode", "real", "replace", "yes")
	shows(t, kept, "the catalogue stays as it was")
	for want, label := range map[string]string{"Added": "1", "Refused": "1"} {
		if got := figure(t, upload(t, p, "products", "p.csv", products, "mode", "try"), strings.ReplaceAll(want, "Added", "Would be added")); got != label {
			t.Errorf("%s: %s", want, got)
		}
	}
	shows(t, upload(t, p, "products", "p.csv", products, "mode", "real"), "Some rows were refused")
	changed := upload(t, p, "products", "p.csv", strings.ReplaceAll(products, "89,90", "91"), "mode", "real")
	if got := figure(t, changed, "Changed"); got != "1" {
		t.Errorf("%s changed: %s", got, mainOf(changed))
	}

	master := `"","79161234567","101","from-trunk","""A"" <79161234567>","PJSIP/t-1","PJSIP/101-1","Dial","PJSIP/101","2024-05-20 10:00:00","2024-05-20 10:00:05","2024-05-20 10:01:05",65,60,"ANSWERED","DOCUMENTATION","1716199200.1",""` + "\n"
	for _, added := range []string{"1", "0"} {
		if got := figure(t, upload(t, p, "calls", "Master.csv", master, "mode", "real"), "Added"); got != added {
			t.Errorf("%s calls added, not %s", got, added)
		}
	}

	mine := `{"kind":"service_token","name":"moved","roles":["Developer"],"all_areas":true,"secret":"5f0c6a3e-foreign-token-1"}` + "\n"
	theirs := strings.Replace(mine, `{`, fmt.Sprintf(`{"account":%q,`, env.Fixture.Accounts[1].Contract), 1)
	got := upload(t, p, "credentials", "s.json", mine+theirs, "mode", "real")
	shows(t, got, "leave it empty")
	if added, bad := figure(t, got, "Added"), figure(t, got, "Refused"); added != "1" || bad != "1" || got.Says("5f0c6a3e") {
		t.Errorf("secrets: %s added, %s refused", added, bad)
	}
}

// twoFiles is a form with a second file behind the first.
const twoFiles = "--x\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nreal\r\n" +
	"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nid,title\nA-1,one\n\r\n" +
	"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.csv\"\r\n\r\nid,title\nA-2,two\n\r\n--x--\r\n"

func TestConsoleImportRefuses(t *testing.T) {
	env := testenv.Start(t, testenv.Options{Change: func(c *server.Config) { c.Limits.Import = 1 << 20 }})
	a := env.Fixture.Accounts[0]
	weak := env.SignIn(t, a.Stand, a.Console.Developer)
	if weak.Get(t, "/").Says(`href="/import"`) {
		t.Error("the menu leads where the user may not go")
	}
	for _, kind := range []string{"tasks", "products", "calls", "credentials"} {
		refused(t, weak.Get(t, "/import/"+kind), http.StatusForbidden)
		refused(t, upload(t, weak, kind, "a.csv", ordersFile, "mode", "real"), http.StatusForbidden)
	}
	refused(t, weak.Get(t, "/import"), http.StatusForbidden)

	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	if !p.Get(t, "/").Says(`href="/import"`) {
		t.Error("the menu lacks its line")
	}
	for name, got := range map[string]testenv.Shown{
		"no mode":   upload(t, p, "tasks", "a.csv", ordersFile),
		"two modes": upload(t, p, "tasks", "a.csv", ordersFile, "mode", "real", "mode", "try"),
		"two files": p.Upload(t, "/import/tasks", "multipart/form-data; boundary=x", strings.NewReader(twoFiles)),
		"no file":   upload(t, p, "tasks", "", "", "mode", "real"),
		"empty":     upload(t, p, "tasks", "a.csv", "", "mode", "real"),
		"header":    upload(t, p, "tasks", "a.csv", "a,b\n1,2\n", "mode", "real"),
		"no form":   p.Post(t, "/import/tasks", "mode", "real"),
		"cut form":  p.Upload(t, "/import/tasks", "multipart/form-data; boundary=x", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\ntr")),
		"too long":  upload(t, p, "tasks", "a.csv", "id,title\n"+strings.Repeat("x", 2<<20), "mode", "real"),
	} {
		if got.Status < 400 || got.Status >= 500 {
			t.Errorf("%s: %d %s", name, got.Status, mainOf(got))
		}
	}
	many := "id,title\n" + strings.Repeat("A-9,\n", 150)
	shows(t, upload(t, p, "tasks", "a.csv", many, "mode", "real"), "The first 100 of 150 are shown")
}

// A file of any size goes to the disk as it comes, and its page stays.
func TestConsoleImportLarge(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	big := "id,title\n" + strings.Repeat("L-1,"+strings.Repeat("x", 1<<20)+"\n", 66) + "L-2,last\n"
	got := upload(t, p, "tasks", "big.csv", big, "mode", "try")
	shows(t, got, "longer than 256 KiB")
	if added := figure(t, got, "Would be added"); added != "1" {
		t.Errorf("%s would be added", added)
	}
	list := p.Get(t, "/import/tasks")
	shows(t, list, "Former imports", "big.csv", "Checked")
	at := found(t, list, `href="(/import/tasks/jobs/\d+)"`)
	shows(t, p.Get(t, at), "big.csv")
	shows(t, p.Get(t, at, "HX-Request", "true"), "big.csv")
	refused(t, p.Get(t, strings.Replace(at, "tasks", "products", 1)), http.StatusNotFound)
	other := env.Fixture.Accounts[1]
	refused(t, env.SignIn(t, other.Stand, other.Console.Administrator).Get(t, at), http.StatusNotFound)
	refused(t, env.SignIn(t, a.Stand, a.Console.Developer).Get(t, at), http.StatusForbidden)
}

// An import outlives the session that it was begun in. When all that its user has
// is revoked while the file is on its way, the file comes whole, and not one row of
// it is taken.
func TestConsoleImportOutlives(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	t.Run("sign-out", func(t *testing.T) {
		p := env.SignIn(t, a.Stand, a.Console.Administrator)
		got := uploadSlowly(t, env, "outlives", func() { leads(t, p.Post(t, "/sign-out"), "/sign-in") }, p)
		if got.Says("Import stopped") {
			t.Error(mainOf(got))
		}
		if added := figure(t, got, "Added"); added != "2" {
			t.Errorf("%s rows are added", added)
		}
	})
	t.Run("revoked", func(t *testing.T) {
		p := env.SignIn(t, a.Stand, a.Console.Administrator)
		got := uploadSlowly(t, env, "revoked", func() { revokeAllOf(t, env, a.Console.Administrator.Login) }, p)
		shows(t, got, "Import stopped", "not let in any more")
		if env.SignIn(t, a.Stand, a.Console.Administrator).Get(t, "/tasks?text=revoked+row").Says("revoked row</") {
			t.Error("rows are taken after the revocation")
		}
	})
}

// revokeAllOf revokes everything that a user of the first account has.
func revokeAllOf(t *testing.T, env *testenv.Env, login string) {
	t.Helper()
	c := env.System(t, env.Fixture.Accounts[0])
	if err := env.Server.Data().Admin.RevokeGrants(t.Context(), c, env.UserID(t, c, login)); err != nil {
		t.Fatal(err)
	}
}

// uploadSlowly does something while a file of two rows is on its way, and gives the
// page of its import as its user sees it when he has signed in again.
func uploadSlowly(t *testing.T, env *testenv.Env, word string, between func(), p *testenv.Pages) testenv.Shown {
	t.Helper()
	a := env.Fixture.Accounts[0]
	slow := *p
	body, send := io.Pipe()
	answered := make(chan testenv.Shown, 1)
	go func() { answered <- slow.Upload(t, "/import/tasks", "multipart/form-data; boundary=x", body) }()
	write := func(text string) {
		t.Helper()
		if _, err := io.WriteString(send, text); err != nil {
			t.Fatal(err)
		}
	}
	write("--x\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nreal\r\n")
	write("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nid,title\n" + word + "-1," + word + " row\n" + strings.Repeat("\n", 24<<20)) // more than lies in buffers on the way
	between()
	write(word + "-2," + word + " row\n\r\n--x--\r\n")
	if err := send.Close(); err != nil {
		t.Fatal(err)
	}
	return imported(t, env.SignIn(t, a.Stand, a.Console.Administrator), <-answered)
}

// An import that the end of the server cuts off says so after the next start.
func TestConsoleImportCut(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	j := imports.Job{
		ID: authority.NewID(), Account: env.System(t, a).Account().ID, Kind: "tasks", File: "cut.csv", State: imports.Running,
		Report: imports.Report{Line: 41, Read: 40, Added: 40}, Began: time.Now(),
	}
	rows := storeimports.New(env.Server.Data().DB)
	for _, err := range []error{rows.BeginJob(t.Context(), j), rows.NoteJob(t.Context(), j)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	path := fmt.Sprintf("/import/tasks/jobs/%d", j.ID)
	shows(t, p.Get(t, path), "Importing")
	if _, err := imports.Open(t.Context(), imports.Config{Store: rows}); err != nil { // as every start does
		t.Fatal(err)
	}
	shows(t, p.Get(t, path), "Import cut off", "after line 41", "nothing is added twice")
	p.Lang = "ru"
	shows(t, p.Get(t, path), "прервался после строки 41")
}
