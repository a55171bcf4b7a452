package testenv_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"propusk/internal/authority"
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
	good := map[string]testenv.Call{}
	for _, prefix := range []string{"", "/api/v1"} {
		for _, method := range []string{"GET ", "POST "} {
			good[method+prefix+create] = with(prefix+create, operatorRoot)
			good[method+prefix+refresh] = with(prefix+refresh, operatorRefresh)
		}
		good["POST "+prefix+history] = testenv.Call{Path: prefix + history, Body: operatorHistory}
		good["GET "+prefix+"/request/getcallrecordfile"] = testenv.Call{Path: prefix + "/request/getcallrecordfile?recordFileId={recording}"}
		good["GET "+prefix+"/request/getrequestresultbyhash"] = testenv.Call{Path: prefix + "/request/getrequestresultbyhash?requestHash={hash}"}
	}
	return testenv.Subject{
		Dialect: "operator", Access: operatorAccess, Secrets: secrets, Once: secrets, Good: good, Shape: operatorShape,
		IDs: operatorIDs, Weak: operatorWeak,
		Doors: []testenv.Door{
			{Name: "create", Takes: operatorRoot, Call: operatorDoor("/api/v1" + create)},
			{Name: "refresh", Takes: operatorRefresh, Call: operatorDoor("/api/v1" + refresh)},
		},
	}
}

const (
	history         = "/request/getcallhistory"
	operatorHistory = `{"numbers":["7343"],"periodStart":"2025-01-01 00:00:00","periodEnd":" 2025-12-31 23:59:59 ","direction":0,` +
		`"durationFrom":null,"durationTo":"","isCallRecord":0,"isRead":null,"cursor":""}`
)

// operatorIDs names a recording, and an answer by its hash.
func operatorIDs(tb testing.TB, c *testenv.Client, a demo.Account, access string) map[string]string {
	answer := c.Do(tb, testenv.Call{Stand: a.Stand, Method: "POST", Path: history, Body: operatorHistory}.With(testenv.Bearer(access)...))
	var e struct{ Result struct{ RequestHash string } }
	answer.JSON(tb, &e)
	return map[string]string{"recording": a.Operator.RecordFileID, "hash": testenv.Escape(e.Result.RequestHash)}
}

// operatorWeak opens another account's methods to a service user's token, who may
// do none of them.
func operatorWeak(tb testing.TB, c *testenv.Client, _ demo.Account, _ authority.Permission) string {
	away := c.Fixture.Accounts[1]
	panelist := c.Do(tb, elementDoor(away.Stand, "/console/sys/token", away.Element.Key)).Field(tb, "id_token")
	set := testenv.Call{Stand: away.Stand, Method: "PATCH", Path: panel + "/settings", Body: `{"operator":{"accept-tokens-from":["hubex"]}}`}
	if a := c.Do(tb, set.With(testenv.Bearer(panelist)...)); a.Status != 200 {
		tb.Fatal(a.Status, a.Body)
	}
	return c.HubEx(tb, away.Stand, away.HubEx.LimitedServiceToken).Access
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
