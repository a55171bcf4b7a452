package ringme_test

import (
	"errors"
	"net/http"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/ringme"
)

func TestAllowed(t *testing.T) {
	user := authority.Principal{Kind: authority.User}
	readOnly := authority.Principal{Kind: authority.User, Group: ringme.GroupReadOnly}
	app := func(access string) authority.Principal {
		return authority.Principal{Kind: authority.Application, Traits: authority.Traits{Access: access}}
	}
	tests := []struct {
		name          string
		user, through authority.Principal
		reads         bool
		level, want   string
	}{
		{"reads", user, app(ringme.CallAPI), true, ringme.All, ""},
		{"writes with All", user, app(ringme.All), false, ringme.All, ""},
		{"writes with Call API", user, app(ringme.CallAPI), false, ringme.All, "app_access_type_deny"},
		{"writes with nothing", user, app(""), false, ringme.All, "app_access_type_deny"},
		{"writes what Call API may", user, app(ringme.CallAPI), false, ringme.CallAPI, ""},
		{"read only reads", readOnly, app(ringme.All), true, ringme.All, ""},
		{"read only writes", readOnly, app(ringme.All), false, ringme.CallAPI, "user_access_type_deny"},
		{"without an application", user, user, false, ringme.All, ""},
	}
	for _, test := range tests {
		err := ringme.Allowed(test.user, test.through, test.reads, test.level)
		var e *authority.Error
		got := ""
		if errors.As(err, &e) {
			got = e.Fields["status"]
		}
		if got != test.want || (err != nil) != (test.want != "") {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestEveryCodeHasAWireForm(t *testing.T) {
	for _, code := range authority.Codes() {
		statuses, ok := ringme.Wires(code)
		if !ok {
			t.Errorf("%s is missing", code)
		}
		for _, status := range statuses {
			if http.StatusText(status) == "" || (code != authority.Internal && status == http.StatusInternalServerError) {
				t.Errorf("%s: %d", code, status)
			}
		}
	}
	if _, ok := ringme.Wires("unheard"); ok {
		t.Error("a code that does not exist has a form")
	}
}
