package testenv_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"propusk/internal/demo"
	"propusk/internal/testenv"
)

func operatorSubject() testenv.Subject {
	const create, refresh = "/auth/integrationapi/create", "/auth/integrationapi/refresh"
	with := func(path, secret string) testenv.Call {
		return testenv.Call{Path: path, Header: testenv.Bearer("{" + secret + "}")}
	}
	secrets := func(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
		made := c.Do(tb, testenv.Call{Stand: a.Stand, Path: create}.With(testenv.Bearer(a.Operator.AuthorizationToken)...))
		return map[string]string{
			operatorRoot: a.Operator.AuthorizationToken, operatorAccess: made.Field(tb, "accessToken"),
			operatorRefresh: made.Field(tb, "refreshToken"),
		}
	}
	good := map[string]testenv.Call{"GET /docs": {Path: "/docs", Header: []string{"Accept", testenv.HTML}}}
	for _, prefix := range []string{"", "/api/v1"} {
		for _, method := range []string{"GET ", "POST "} {
			good[method+prefix+create] = with(prefix+create, operatorRoot)
			good[method+prefix+refresh] = with(prefix+refresh, operatorRefresh)
		}
	}
	return testenv.Subject{
		Dialect: "operator", Secrets: secrets, Once: secrets, Good: good, Shape: operatorShape,
		Doors: []testenv.Door{
			{Name: "create", Takes: operatorRoot, Call: operatorDoor("/api/v1" + create)},
			{Name: "refresh", Takes: operatorRefresh, Call: operatorDoor("/api/v1" + refresh)},
		},
	}
}

// operatorDoor shows a secret in a header, which no line break gets into.
func operatorDoor(path string) func(*testenv.Client, demo.Account, string) testenv.Call {
	return func(_ *testenv.Client, _ demo.Account, secret string) testenv.Call {
		return testenv.Call{Path: path}.With(testenv.Bearer(oneLine(secret))...)
	}
}

func oneLine(secret string) string {
	return strings.NewReplacer("\r", "%0D", "\n", "%0A").Replace(secret)
}

func operatorShape(a testenv.Answer) error {
	var e struct {
		Error *struct {
			ErrorMessage string
			ErrorCode    int
		}
		Result json.RawMessage
	}
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil {
		return err
	}
	if e.Error == nil || e.Error.ErrorMessage == "" || e.Error.ErrorCode != a.Status || string(e.Result) != "null" {
		return errors.New("not the envelope of an error")
	}
	return contentType(a, "application/json; charset=utf-8")
}
