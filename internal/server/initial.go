package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/server/operation"
)

// ConfigFile is the name of the configuration that Initialise writes.
const ConfigFile = "propusk.yaml"

// First is the account that Initialise makes on each stand.
type First struct {
	Name     string
	Contract string
	Login    string // of its administrator, who is the deployment's owner
}

// Initialised says what Initialise found and made.
type Initialised struct {
	Data          string         `json:"data"`
	Config        string         `json:"config,omitempty"` // the file that was written or found; "" = none was asked for
	ConfigMade    bool           `json:"config_made"`
	DeploymentKey string         `json:"deployment_key"`
	KeyMade       bool           `json:"deployment_key_made"`
	Stands        []FirstAccount `json:"stands"`
}

// FirstAccount is the account of one stand. Password is set when it was made
// now: it is shown this once.
type FirstAccount struct {
	Stand    authority.Stand `json:"stand"`
	Accounts int             `json:"accounts"` // that were there before
	Contract string          `json:"contract,omitempty"`
	Name     string          `json:"name,omitempty"`
	Login    string          `json:"login,omitempty"`
	Password string          `json:"password,omitempty"`
}

// Initialise makes whatever of a deployment is missing: the folder, the
// deployment key, the database, the keys, and on each stand that has no account
// a first one with its administrator. writeConfig puts a commented configuration
// into the data folder. What is there stays as it is.
func Initialise(ctx context.Context, c Config, first First, writeConfig bool) (done Initialised, err error) {
	done = Initialised{Data: c.Data, DeploymentKey: c.DeploymentKeyFile()}
	_, missing := os.Stat(done.DeploymentKey)
	o, err := OpenOperator(ctx, c)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	done.KeyMade = errors.Is(missing, fs.ErrNotExist)
	if writeConfig {
		if err := done.writeConfig(); err != nil {
			return done, err
		}
	}
	for _, stand := range authority.Stands() {
		account, err := firstAccount(ctx, o, stand, first)
		if err != nil {
			return done, fmt.Errorf("the first account of %s: %w", stand, err)
		}
		done.Stands = append(done.Stands, account)
	}
	return done, nil
}

// writeConfig writes the configuration of this folder, every default in it,
// unless it is there.
func (i *Initialised) writeConfig() error {
	i.Config = filepath.Join(i.Data, ConfigFile)
	var text bytes.Buffer
	if err := Describe(&text); err != nil {
		return err
	}
	here := strings.Replace(text.String(), "\ndata: "+Defaults().Data+"\n", "\ndata: .\n", 1)
	f, err := os.OpenFile(i.Config, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	i.ConfigMade = true
	_, err = f.WriteString(here)
	return errors.Join(err, f.Sync(), f.Close())
}

// firstAccount makes an account on a stand that has none.
func firstAccount(ctx context.Context, run operation.Runner, stand authority.Stand, first First) (FirstAccount, error) {
	there, err := accountsOf(ctx, run, stand)
	out := FirstAccount{Stand: stand, Accounts: there}
	if err != nil || there > 0 {
		return out, err
	}
	input, err := json.Marshal(map[string]any{
		"name": first.Name, "contract": first.Contract, "login": first.Login, "owner": true,
	})
	if err != nil {
		return out, err
	}
	raw, err := run.Run(ctx, operation.Call{Operation: "account.create", Stand: stand, Input: input})
	if err != nil {
		return out, err
	}
	var made struct {
		Contract, Name, Administrator, Password string
	}
	err = json.Unmarshal(raw, &made)
	out.Contract, out.Name, out.Login, out.Password = made.Contract, made.Name, made.Administrator, made.Password
	return out, err
}

// accountsOf counts the accounts of a stand.
func accountsOf(ctx context.Context, run operation.Runner, stand authority.Stand) (int, error) {
	raw, err := run.Run(ctx, operation.Call{Operation: "account.list", Stand: stand})
	if err != nil {
		return 0, err
	}
	var there []json.RawMessage
	err = json.Unmarshal(raw, &there)
	return len(there), err
}
