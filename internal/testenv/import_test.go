package testenv_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/server/operation"
	"propusk/internal/server/operation/intake"
	"propusk/internal/store"
	"propusk/internal/testenv"
)

// movingDay is what a business brings along: one secret for each way in. Its
// user's password is "Весна-2026".
const movingDay = `{"kind":"user","login":"petrov","name":"Пётр","group":"external_connection","roles":["Administrator"],"all_areas":true,"password_hash":"$2y$05$.WMfNf.nWzPuPwIyl/xQGuR1oR9r0Q99WHjP3J2HcZjVIGam/O.eC"}
{"kind":"service_token","name":"CRM","roles":["Administrator"],"all_areas":true,"secret":"5f0c6a3e-foreign-hubex-token"}
{"kind":"access_key","login":"petrov","client_id":"0f8b1c2d-key","secret":"W9xX3l5bW2pQ8m1nZr7uYvK4tEoAhDcF="}
{"kind":"application","name":"Портал","dialect":"oauth","client_id":"portal","secret":"portal-secret-0123456789","redirect_uris":["https://portal.example/cb"],"roles":["Administrator"],"all_areas":true}
{"kind":"application","name":"CRM","dialect":"ringme","type":"trusted","access":"All","owner":"petrov","client_id":"9a0364b9e99bb480dd25e1f0284c8555","secret":"00112233445566778899aabbccddeeff","roles":["Administrator"],"all_areas":true}
{"kind":"authorization_token","secret":"eyJhbGciOiJSUzI1NiJ9.eyJjb250cmFjdCI6MX0.c2lnbmVkLWVsc2V3aGVyZQ"}
`

// bring imports text through the socket of the running server.
func bring(t *testing.T, env *testenv.Env, contract, text string) intake.Total {
	t.Helper()
	socket, err := env.Server.Data().ListenOperator(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- socket.Serve() }()
	defer func() {
		if err := errors.Join(socket.Shutdown(context.Background()), <-served); err != nil {
			t.Error(err)
		}
	}()
	client, err := operation.Dial(t.Context(), env.Server.Data().Config.Data)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := intake.Open(strings.NewReader(text), intake.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	total, err := intake.Import{
		Run: client, Operation: "import.credentials", Stand: authority.Production, Account: contract,
		Bad: func(row intake.Row, why string) { t.Errorf("line %d: %s", row.Line, why) }, Progress: func(intake.Total) {},
	}.Load(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// A business moves: after the import each of its programs changes the host of
// its requests and nothing else, in every dialect.
func TestImportedSecretsOpenEveryDialect(t *testing.T) {
	for _, driver := range []string{store.SQLite, store.Postgres} {
		t.Run(driver, func(t *testing.T) {
			env := testenv.Start(t, testenv.Options{Driver: driver})
			const contract = "2026-11"
			_, err := env.Server.Data().Operations().Run(t.Context(), operation.Call{
				Operation: "account.create", Stand: authority.Production, Input: []byte(`{"name":"Переезд","contract":"2026-11"}`),
			})
			if err != nil {
				t.Fatal(err)
			}
			if total := bring(t, env, contract, movingDay); total.Added != 6 {
				t.Fatalf("%+v", total)
			}
			for name, call := range movedCalls() {
				for range 2 { // the second time with the password hashed anew
					if a := env.Do(t, call); a.Status != http.StatusOK {
						t.Errorf("%s: %d %s", name, a.Status, a.Body)
					}
				}
			}
			if total := bring(t, env, contract, movingDay); total.Same != 6 {
				t.Errorf("the same file again: %+v", total)
			}
			for _, secret := range []string{"5f0c6a3e", "W9xX3l5b", "portal-secret", "0011223344", "c2lnbmVk", ".WMfNf.n"} {
				if strings.Contains(strings.Join(env.Log.Lines(), "\n"), secret) {
					t.Errorf("the log holds %s…", secret)
				}
			}
		})
	}
}

func movedCalls() map[string]testenv.Call {
	form := func(body string) testenv.Call {
		return testenv.Call{Path: "/oauth/token", Type: testenv.Form, Body: body}
	}
	return map[string]testenv.Call{
		"hubex":    {Path: "/fsm/AUTHZ/AccessTokens", Body: `{"serviceToken":"5f0c6a3e-foreign-hubex-token"}`},
		"oauth":    form("grant_type=client_credentials").With(testenv.Basic("portal", "portal-secret-0123456789")...),
		"element":  testenv.Call{Path: "/console/sys/token", Type: testenv.Form, Body: "grant_type=CLIENT_CREDENTIALS"}.With(testenv.Basic("0f8b1c2d-key", "W9xX3l5bW2pQ8m1nZr7uYvK4tEoAhDcF=")...),
		"operator": testenv.Call{Path: "/auth/integrationapi/create"}.With(testenv.Bearer("eyJhbGciOiJSUzI1NiJ9.eyJjb250cmFjdCI6MX0.c2lnbmVkLWVsc2V3aGVyZQ")...),
		"ringme":   form("grant_type=client_credentials&client_id=9a0364b9e99bb480dd25e1f0284c8555&client_secret=00112233445566778899aabbccddeeff"),
		"smarts":   {Path: "/api/v1/Users", Header: []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("petrov:Весна-2026"))}},
	}
}
