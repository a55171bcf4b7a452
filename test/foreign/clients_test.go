//go:build unix

package foreign_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/demo"
)

// foreign runs a program of testdata with Debian's Python or with Node.js, by its
// name, and gives what it prints as JSON. Settings are NAME=value.
func foreign(t *testing.T, file string, settings ...string) map[string]any {
	t.Helper()
	var run *exec.Cmd
	if strings.HasSuffix(file, ".py") {
		python := needPython(t, "requests, jwt, cryptography, authlib", "python3-requests python3-jwt python3-cryptography python3-authlib")
		run = command(t, python, "-B", "testdata/"+file)
	} else {
		needNode(t, "foreign", "jose/package.json")
		needNode(t, "foreign", "openid-client/package.json")
		run = command(t, need(t, "node", "nodejs"), "testdata/"+file)
	}
	run.Env = append(run.Environ(), settings...)
	return read[map[string]any](t, output(t, run))
}

// collection runs Postman's collection of a dialect; a failed check of its own is
// its exit code. Values are names and values in turn.
func collection(t *testing.T, dialect string, last string, values ...string) {
	t.Helper()
	var pairs []map[string]string
	for i := 0; i < len(values); i += 2 {
		pairs = append(pairs, map[string]string{"key": values[i], "value": values[i+1]})
	}
	run := command(t, need(t, "node", "nodejs"), needNode(t, "newman", "newman/bin/newman.js"), "run",
		"../newman/"+dialect+".postman_collection.json", "--color", "off", "--disable-unicode",
		"--environment", writeJSON(t, map[string]any{"values": pairs}))
	if out := output(t, run); !strings.Contains(out, last) {
		t.Errorf("newman did not run the whole collection:\n%s", out)
	}
}

// met compares what a program met with what it should.
func met(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// smartsUser is somebody of the group external connection.
func smartsUser(f *demo.Fixture) demo.Pair { return f.Accounts[0].Smarts.External }

// A client of the warehouse terminals' API moves by changing the host.
func TestSmarts(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	for name, user := range map[string]demo.Pair{"latin": smartsUser(f), "cyrillic": f.Accounts[0].Smarts.Cyrillic} {
		t.Run("Authlib and requests, "+name, func(t *testing.T) {
			got := foreign(t, "smarts.py", "BASE="+f.BaseURL, "LOGIN="+user.Username, "PASSWORD="+user.Password)
			for _, way := range []string{"basic", "raw", "query", "form", "renewed", "first", "second"} {
				if seen, ok := got[way].([]any); !ok || seen[0] != 200.0 || seen[1] == 0.0 {
					t.Errorf("%s: %v", way, got[way])
				}
			}
			met(t, []any{"Access_token", "Expires_in", "Refresh_token", "Token_type"}, got["answer"])
			met(t, []any{true, []any{true, true}, []any{401.0, "invalid_grant"}}, []any{got["again"], got["other"], got["wrong"]})
			met(t, any("UnsupportedTokenTypeError"), got["without"]) // docs/divergences.md
		})
	}
	t.Run("newman", func(t *testing.T) {
		user := smartsUser(f)
		collection(t, "smarts", "401 in the shape of Mobile SMARTS",
			"baseUrl", f.BaseURL, "username", user.Username, "password", user.Password)
	})
}

// A client of the telephone operator moves by changing host and secret.
func TestOperator(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	a := f.Accounts[0]
	t.Run("PyJWT", func(t *testing.T) {
		got := foreign(t, "operator_tokens.py", "BASE="+f.BaseURL, "TOKEN="+a.Operator.AuthorizationToken)
		met(t, []any{"Europe/Moscow", "InvalidSignatureError"}, []any{got["zone"], got["forged"]})
		met(t, []any{[]any{401.0, 401.0}, []any{401.0, 401.0}}, []any{got["former"], got["level"]})
		level := func(name string) map[string]any {
			claims, _ := got[name].(map[string]any)
			met(t, []any{"RS256", a.Contract}, []any{claims["alg"], claims["contract"]})
			return claims
		}
		root, access, refresh, next := level("root"), level("access"), level("refresh"), level("next")
		met(t, []any{"", root["token_id"], root["token_id"], refresh["token_id"]},
			[]any{root["p_token_id"], access["p_token_id"], refresh["p_token_id"], next["p_token_id"]})
		const role = "api:integrationapi:"
		met(t, []any{role + "authorization", role + "access", role + "refresh", role + "access"},
			[]any{root["roles"], access["roles"], refresh["roles"], next["roles"]})
		met(t, []any{nil, 24.0, 25.0}, []any{root["exp"], hours(access), hours(refresh)})
	})
	t.Run("jose", func(t *testing.T) {
		got := foreign(t, "operator.mjs", "BASE="+f.BaseURL, "TOKEN="+a.Operator.AuthorizationToken)
		met(t, any([]any{"ERR_JWS_SIGNATURE_VERIFICATION_FAILED", "ERR_JOSE_ALG_NOT_ALLOWED"}), got["refusals"])
	})
	t.Run("newman", func(t *testing.T) {
		collection(t, "operator", "401 in the operator", "baseUrl", f.BaseURL, "authorizationToken", a.Operator.AuthorizationToken)
	})
}

// hours is how long a token of claims lives.
func hours(claims map[string]any) float64 {
	from, _ := claims["iat"].(float64)
	till, _ := claims["exp"].(float64)
	return (till - from) / 3600
}

// ringmeSettings are what a program needs to come in.
func ringmeSettings(f *demo.Fixture) []string {
	r := f.Accounts[0].Ringme
	return []string{
		"BASE=" + f.BaseURL, "LOGIN=" + r.User.Login, "PASSWORD=" + r.User.Password,
		"TRUSTED_ID=" + r.Trusted.ApplicationID, "TRUSTED_SECRET=" + r.Trusted.ApplicationSecret,
		"PASSWORD_ID=" + r.Password.ApplicationID, "PASSWORD_SECRET=" + r.Password.ApplicationSecret,
	}
}

// A client of the telephony provider moves by changing host and secrets.
func TestRingme(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	r := f.Accounts[0].Ringme
	t.Run("Authlib", func(t *testing.T) {
		got := foreign(t, "ringme.py", ringmeSettings(f)...)
		app := map[string]any{
			"answer": []any{"access_token", "expires_at", "expires_in", "scope", "token_type"}, // expires_at is Authlib's own
			"length": 30.0, "expires": 3600.0, "login": r.User.Login, "again": r.User.Login, "other": true,
		}
		met(t, any(map[string]any{
			"client_secret_basic": app, "client_secret_post": app,
			"user":    map[string]any{"login": r.User.Login, "again": r.User.Login, "other": []any{true, true}},
			"refused": []any{"invalid_client", "invalid_grant", "unauthorized_client"},
		}), any(got))
	})
	t.Run("recording with requests", func(t *testing.T) {
		got := foreign(t, "ringme_record.py", ringmeSettings(f)...)
		met(t, any(map[string]any{"size": true, "parts": true, "codes": []any{206.0}, "link": true, "past": 416.0}), any(got))
	})
	t.Run("openid-client", func(t *testing.T) {
		got := foreign(t, "ringme.mjs", ringmeSettings(f)...)
		app := map[string]any{"length": 30.0, "type": "bearer", "expires_in": 3600.0, "scope": "all", "login": r.User.Login}
		met(t, any(map[string]any{
			"basic": app, "post": app,
			"user": map[string]any{"login": r.User.Login, "other": true, "again": true},
			"refused": []any{
				map[string]any{"status": 401.0, "challenge": "basic"},
				map[string]any{"status": 401.0, "challenge": "bearer"},
				map[string]any{"status": 401.0, "challenge": "bearer"},
			},
		}), any(got))
	})
	t.Run("newman", func(t *testing.T) {
		collection(t, "ringme", "404 in the shape of the provider", "baseUrl", f.BaseURL,
			"trustedId", r.Trusted.ApplicationID, "trustedSecret", r.Trusted.ApplicationSecret,
			"passwordId", r.Password.ApplicationID, "passwordSecret", r.Password.ApplicationSecret,
			"login", r.User.Login, "password", r.User.Password)
	})
}

// The control panel with openid-client and with Postman.
func TestElementClients(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	a := f.Accounts[0]
	t.Run("openid-client", func(t *testing.T) {
		var claims struct {
			Issuer string `json:"iss"`
		}
		decode(t, panelToken(t, f), &claims)
		got := foreign(t, "element-openid.mjs", "BASE="+f.BaseURL, "ISSUER="+claims.Issuer,
			"CLIENT_ID="+a.Element.ClientID, "CLIENT_SECRET="+a.Element.ClientSecret)
		login := a.Console.Administrator.Login
		met(t, any(map[string]any{
			"type": "bearer", "expires_in": 3600.0, "audience": a.Element.ClientID, "lives": 3600.0, "logins": []any{login, login},
			"refused": []any{
				map[string]any{"status": 401.0, "code": "OAUTH_WWW_AUTHENTICATE_CHALLENGE", "challenge": "basic"},
				map[string]any{"code": "OAUTH_JWT_CLAIM_COMPARISON_FAILED"},
			},
		}), any(got))
	})
	t.Run("newman", func(t *testing.T) {
		collection(t, "element", "401 in the shape of the panel",
			"baseUrl", f.BaseURL, "clientId", a.Element.ClientID, "clientSecret", a.Element.ClientSecret)
	})
}

// sample reads a sample of testdata, which is as its documentation prints it but
// for what is replaced: pairs of the printed and the own. Every one must be there.
func sample(t *testing.T, file string, pairs ...string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(text), pairs[i]) {
			t.Fatalf("%s: %q, which is to be replaced, is not there", file, pairs[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(string(text))
}
