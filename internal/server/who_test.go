package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/server"
	"propusk/internal/server/operation"
	"propusk/internal/store"
)

// Commands call principals as people do, and say in people's words what is
// wrong.
func TestOperationsTakeNames(t *testing.T) {
	c := deployment(t, store.SQLite)
	if _, err := server.Initialise(t.Context(), c, first(), false); err != nil {
		t.Fatal(err)
	}
	o, err := server.OpenOperator(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	run := func(name, input string) error {
		_, err := o.Run(t.Context(), operation.Call{Operation: name, Stand: authority.Production, Input: json.RawMessage(input)})
		return err
	}
	for _, step := range []struct{ operation, input, want string }{
		{"service-user.create", `{"name":"CRM"}`, ""},
		{"service-user.create", `{"name":"Twin"}`, ""},
		{"service-user.create", `{"name":"Twin"}`, ""},
		{"user.create", `{"login":"Ivan","name":"Иван Петров"}`, ""},
		{"service-token.generate", `{"principal":"CRM"}`, ""},
		{"service-token.generate", `{"principal":"crm"}`, "not_found: no such service user"},
		{"service-token.generate", `{"principal":"Twin"}`, "conflict: several have this name: say the id"},
		{"service-token.generate", `{"principal":"Ivan"}`, "not_found: no such service user"},
		{"service-token.generate", `{}`, "invalid_request: name the service user"},
		{"access-key.create", `{"principal":"IVAN"}`, ""},
		{"access-key.create", `{"principal":"login:IVAN"}`, ""},
		{"access-key.create", `{"principal":"login:Иван Петров"}`, "not_found: no such user"},
		{"user.create", `{"login":"79031112233","name":"Пётр"}`, ""},
		{"user.password", `{"id":"79031112233"}`, "not_found: "},
		{"user.password", `{"id":"login:79031112233"}`, ""},
		{"user.password", `{"id":"Иван Петров"}`, ""},
		{"user.change", `{"id":"ivan","disabled":true}`, ""},
		{"credential.list", `{"id":"Ivan"}`, ""},
		{"credential.revoke", `{"id":"Ivan"}`, "invalid_value: id: must be the number that credential list shows"},
		{"grant.list", `{"principal":"CRM"}`, ""},
		{"grant.list", `{"principal":"none"}`, "not_found: no such principal"},
		{"grant.list", `{"limit":"many"}`, "invalid_value: limit: must be a whole number"},
		{"grant.revoke", `{"principal":"CRM"}`, ""},
		{"service-user.delete", `{"id":"CRM"}`, ""},
		{"audit.list", `{"since":"yesterday"}`, "invalid_value: since: a time is written like"},
		{"audit.list", `{"sins":"x"}`, "invalid_value: sins: there is no such input"},
		{"service-user.create", `{"name":5}`, "invalid_value: name: must be text"},
		{"service-user.create", `{"name":"x","roles":"Developer"}`, "invalid_value: roles: must be a list"},
		{"user.change", `{"id":"ivan","disabled":"no"}`, "invalid_value: disabled: must be true or false"},
		{"user.change", `[]`, "malformed: the input must be one JSON object"},
	} {
		err := run(step.operation, step.input)
		switch {
		case step.want == "" && err != nil:
			t.Errorf("%s %s: %v", step.operation, step.input, err)
		case step.want != "" && (err == nil || !strings.HasPrefix(err.Error(), step.want)):
			t.Errorf("%s %s: %v, want %s", step.operation, step.input, err, step.want)
		}
	}
}
