package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"propusk/internal/authority"
)

// Fixture is what somebody who wants to call the demo needs to know: addresses,
// secrets and how many work orders each sees.
type Fixture struct {
	BaseURL     string `json:"base_url"`
	TestBaseURL string `json:"test_base_url"`
	ConsoleURL  string `json:"console_url,omitempty"`
	MetricsURL  string `json:"metrics_url,omitempty"`
	Owner       Owner  `json:"owner"`

	// Unfinished says that secrets were being replaced when the demo was stopped:
	// the next start replaces them all once more.
	Unfinished bool `json:"rotation_unfinished,omitempty"`

	Accounts []Account `json:"accounts"`
	Test     struct {
		Accounts []Account `json:"accounts"`
	} `json:"test"`
}

// Account is one account of a stand.
type Account struct {
	Name     string          `json:"name"`
	Contract string          `json:"contract"`
	Number   int64           `json:"client_id"`
	Stand    authority.Stand `json:"stand"`
	Console  Console         `json:"console"`
	HubEx    HubEx           `json:"hubex"`
	Element  Element         `json:"element"`
	OAuth    OAuth           `json:"oauth"`
	Operator Operator        `json:"operator"`
	Ringme   Ringme          `json:"ringme"`
	Smarts   Smarts          `json:"smarts"`

	// Holders are those whose secrets these are, by what the demo calls them:
	// names and logins may be changed by anybody who tries the product.
	Holders map[string]authority.ID `json:"holders,omitempty"`
}

// HubEx is what opens an account's work orders in the hubex dialect. The limited
// token lacks TasksList; that of the area sees one area and holds nothing else.
// Totals are those of a list with default parameters when the demo started.
type HubEx struct {
	ServiceToken        string       `json:"service_token"`
	LimitedServiceToken string       `json:"limited_service_token"`
	AreaServiceToken    string       `json:"area_service_token"`
	AreaID              authority.ID `json:"area_id"`
	TasksTotal          int64        `json:"tasks_total"`
	TasksOpen           int64        `json:"tasks_open"`
	AreaTasksTotal      int64        `json:"area_tasks_total"`
	ServiceUserID       authority.ID `json:"service_user_id"`
	LimitedUserID       authority.ID `json:"limited_service_user_id"`
	AreaServiceUserID   authority.ID `json:"area_service_user_id"`
}

// OAuth is an application that may introspect and revoke every token of its
// account.
type OAuth struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RedirectURI  string `json:"redirect_uri"`
}

// Operator is what opens the account in the operator dialect.
type Operator struct {
	AuthorizationToken string `json:"authorization_token"`
	Number             string `json:"number,omitempty"`         // one with calls
	RecordFileID       string `json:"record_file_id,omitempty"` // a recording
}

// owner gives where the owner's secrets are kept, for the account whose user he
// is; nil for others.
func (f *Fixture) owner(stand authority.Stand, i int) *Owner {
	if stand != authority.Production || i != 0 {
		return nil
	}
	return &f.Owner
}

// Ringme is what opens the account in the ringme dialect: applications by what
// they may, and the user whom the password application signs in.
type Ringme struct {
	Trusted  RingmeApplication `json:"trusted"`  // access All
	CallAPI  RingmeApplication `json:"call_api"` // access Call API
	Password RingmeApplication `json:"password"`
	ReadOnly RingmeApplication `json:"read_only"` // its user may only read
	Public   RingmePublic      `json:"public"`    // for users to let in
	User     Person            `json:"user"`
	UserID   authority.ID      `json:"user_id"`
}

// RingmeApplication is the pair that an application gets its tokens with.
type RingmeApplication struct {
	ApplicationID     string `json:"application_id"`
	ApplicationSecret string `json:"application_secret"`
}

// RingmePublic is an application without a secret: users let it act as them.
type RingmePublic struct {
	ApplicationID string `json:"application_id"`
	RedirectURI   string `json:"redirect_uri"`
}

// Smarts are users of the smarts dialect. The one of the terminal is refused
// there; the passwords of two others have colons and Russian letters in them.
type Smarts struct {
	External      Pair `json:"external"`
	Mobile        Pair `json:"mobile"`
	Administrator Pair `json:"administrator"`
	Colon         Pair `json:"colon"`
	Cyrillic      Pair `json:"cyrillic"`
}

// Pair is what a person signs in with.
type Pair struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// On gives the accounts of a stand.
func (f *Fixture) On(stand authority.Stand) []Account { return *f.on(stand) }

func (f *Fixture) on(stand authority.Stand) *[]Account {
	if stand == authority.Test {
		return &f.Test.Accounts
	}
	return &f.Accounts
}

// URL gives the address of a stand.
func (f *Fixture) URL(stand authority.Stand) string {
	if stand == authority.Test {
		return f.TestBaseURL
	}
	return f.BaseURL
}

// complete reports whether f holds all that the demo consists of: a first start
// that was cut off leaves less.
func (f *Fixture) complete(companies int) bool {
	for _, stand := range authority.Stands() {
		if len(f.On(stand)) != companies {
			return false
		}
	}
	return true
}

// ReadFixture reads what Write wrote.
func ReadFixture(file string) (*Fixture, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f := &Fixture{}
	if err := json.Unmarshal(text, f); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return f, nil
}

// Write puts f into file, with mode 0600, whole or not at all.
func (f *Fixture) Write(file string) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), ".fixture-*") // has mode 0600
	if err != nil {
		return err
	}
	_, err = temporary.Write(append(text, '\n'))
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}
