//go:build unix

package foreign_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The samples of four documentations, as they are printed: nothing is changed but
// host and secrets, and a Content-Length added where the print has none.
func TestPrinted(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	d := printed{f.BaseURL}
	t.Run("smarts", func(t *testing.T) { d.smarts(t, smartsUser(f).Username, smartsUser(f).Password) })
	t.Run("element", func(t *testing.T) { d.element(t, f.Accounts[0].Element.ClientID, f.Accounts[0].Element.ClientSecret) })
	t.Run("operator", func(t *testing.T) {
		d.operator(t, f.Accounts[0].Operator.AuthorizationToken, f.Accounts[0].Operator.RecordFileID)
	})
	t.Run("ringme", func(t *testing.T) {
		trusted := f.Accounts[0].Ringme.Trusted
		d.ringme(t, trusted.ApplicationID, trusted.ApplicationSecret, f.Accounts[0].Ringme.User.Login)
	})
}

// printed is where samples are sent to.
type printed struct{ url string }

// shell runs curl's command lines and reads the JSON that they print.
func (d printed) shell(t *testing.T, script string, settings ...string) map[string]any {
	t.Helper()
	need(t, "curl", "curl")
	run := command(t, "sh", "-euc", script)
	run.Env = append(run.Environ(), settings...)
	return read[map[string]any](t, output(t, run))
}

// raw sends a request as it is printed and reads the answer.
func (d printed) raw(t *testing.T, text string) map[string]any {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(strings.TrimSuffix(text, "\n"), "\n\n")
	if !strings.Contains(head, "Content-Length") {
		head += fmt.Sprintf("\nContent-Length: %d", len(body))
	}
	if _, err := io.WriteString(conn, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n"+body); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %v %v", answer.Status, out, err)
	}
	return out
}

// get asks for a path with an Authorization field and gives the status.
func (d printed) get(t *testing.T, path, authorization string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", authorization)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// text gives a member that must be a text.
func text(t *testing.T, answer map[string]any, member string) string {
	t.Helper()
	s, _ := answer[member].(string)
	if s == "" {
		t.Fatalf("no %s in %v", member, answer)
	}
	return s
}

func (d printed) smarts(t *testing.T, login, password string) {
	const users = "/api/v1/Users"
	session := sample(t, "smarts-session.sh", "https://localhost:9000", d.url)
	pair := d.shell(t, session, "Username="+url.QueryEscape(login), "Password="+url.QueryEscape(password))
	first := d.raw(t, sample(t, "smarts-password.http", "user@domain.ru", url.QueryEscape(login), "123456", url.QueryEscape(password)))
	next := d.raw(t, sample(t, "smarts-refresh.http", "321321321", text(t, first, "Refresh_token")))
	for name, answer := range map[string]map[string]any{"GET": pair, "POST": first, "refresh": next} {
		met(t, []any{"bearer", 86400.0}, []any{answer["Token_type"], answer["Expires_in"]})
		if status := d.get(t, users, "Bearer "+text(t, answer, "Access_token")); status != http.StatusOK {
			t.Errorf("%s: the token gets %d", name, status)
		}
	}
	pairText := login + ":" + password
	for _, value := range []string{pairText, base64.StdEncoding.EncodeToString([]byte(pairText))} {
		if status := d.get(t, users, "Basic "+value); status != http.StatusOK {
			t.Errorf("Basic: %d", status)
		}
	}
	if status := d.get(t, users, "Bearer <token>"); status != http.StatusUnauthorized {
		t.Errorf("the printed place holder gets %d", status)
	}
}

func (d printed) element(t *testing.T, id, secret string) {
	const key = "dlFCRm05WkNjVmZhV2ZPZnZQTnVua1pncG9jcElBMXhmTW5sbmlwNmR1az06dTNUUFlTMVplRV9TVFJJeFQ4VDh6R3NQYnVRcXFJbDlRbUhDdlJUOXd5cz0="
	own := base64.StdEncoding.EncodeToString([]byte(id + ":" + secret))
	answer := d.raw(t, sample(t, "element-token.http", key, own))
	if len(own) != len(key) {
		t.Errorf("a key of %d characters, the printed one has %d", len(own), len(key))
	}
	if status := d.get(t, "/console/api/v2/me", "Bearer "+text(t, answer, "id_token")); status != http.StatusOK {
		t.Errorf("the token gets %d", status)
	}
}

func (d printed) operator(t *testing.T, root, record string) {
	const host = "https://webapi.alloincognito.ru:4431"
	first := d.shell(t, sample(t, "operator-create.sh", host, d.url, "authorization_token", root))
	next := d.shell(t, sample(t, "operator-refresh.sh", host, d.url, "refresh_token", text(t, first, "refreshToken")))
	access := text(t, next, "accessToken")
	file := d.shell(t, sample(t, "operator-record.sh", host, d.url, "bec3e80f-2197-4f2e-87d8-44ae05e60eb7", record, "access_token", access))
	result, _ := file["result"].(map[string]any)
	hash := url.QueryEscape(text(t, result, "requestHash"))
	again := d.shell(t, sample(t, "operator-result.sh", host, d.url,
		"twbfdoEhUI6kPSgOpPXT7Q%3D%3DQUY5OUZCMDJGNDA4MDBEQ0UwNTBBOEMwQ0I1MDI4NTU%3D", hash, "access_token", access))
	if !reflect.DeepEqual(file, again) || text(t, result, "fileContent") == "" {
		t.Error("the former answer is another one")
	}
	for _, answer := range []map[string]any{first, next} {
		for _, member := range []string{"accessToken", "refreshToken"} {
			text(t, answer, member)
			if _, err := time.Parse(time.DateTime, text(t, answer, member+"ExpiredIn")); err != nil {
				t.Error(err)
			}
		}
	}
}

func (d printed) ringme(t *testing.T, id, secret, login string) {
	token := d.shell(t, `curl -s "$BASE/oauth/token" -d grant_type=client_credentials -d "client_id=$ID" -d "client_secret=$SECRET"`,
		"BASE="+d.url, "ID="+id, "SECRET="+secret)
	replace := []string{"https://<hostname>", d.url, "8SNsrS0jV35vfmKqKeKtRrHfpbg4UX", text(t, token, "access_token")}
	if user := d.shell(t, sample(t, "ringme-curl.sh", replace...)); user["login"] != login {
		t.Errorf("curl: %v", user)
	}
	run := command(t, needPython(t, "requests", "python3-requests"), "-")
	run.Stdin = strings.NewReader(sample(t, "ringme-requests.py", replace...))
	if user := read[map[string]any](t, output(t, run)); user["login"] != login {
		t.Errorf("Python: %v", user)
	}
}

// decode reads the claims of a JWT without a look at its signature.
func decode(t *testing.T, token string, into any) {
	t.Helper()
	parts := strings.Split(token, ".")
	claims, err := base64.RawURLEncoding.DecodeString(parts[min(1, len(parts)-1)])
	if err == nil {
		err = json.Unmarshal(claims, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
