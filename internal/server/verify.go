package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"propusk/internal/audit"
	"propusk/internal/keys"
	"propusk/internal/server/operation"
	"propusk/internal/store"
	storekeys "propusk/internal/store/keys"
)

// OpenVerifier finds the server that holds the data, or else opens the data to
// read: it makes neither database nor key nor chain, so that what was done to
// them stays to be seen. It only verifies the audit.
func OpenVerifier(ctx context.Context, c Config) (*Operator, error) {
	if client, err := operation.Dial(ctx, c.Data); err == nil {
		return &Operator{client, true, func() error { return nil }}, nil
	}
	d := &Data{Config: c, Log: silent(), Now: time.Now}
	if err := d.openToRead(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	table := operation.NewTable(operation.Parts{Proof: auditProof{d, audit.NewSealer(d.Ring)}})
	return &Operator{table, false, d.Close}, nil
}

// openToRead opens the database and the keys that are there.
func (d *Data) openToRead(ctx context.Context) error {
	dsn, err := d.Config.DatabaseDSN()
	if err != nil {
		return err
	}
	key, err := keys.LoadDeploymentKey(d.Config.DeploymentKeyFile())
	if err != nil {
		return err
	}
	sealer, err := keys.NewSealer(key, keys.PurposeKeys)
	if err != nil {
		return err
	}
	d.DB, err = store.Open(ctx, store.Config{
		Driver: d.Config.Database.Driver, Folder: d.Config.Data, DSN: dsn.Reveal(), Logger: d.Log, Now: d.Now, ReadOnly: true,
	})
	if err != nil {
		return err
	}
	if _, err = d.DB.AuditPage(ctx, 0, 1); err != nil {
		return fmt.Errorf("the database holds no audit that could be looked at: %w", err)
	}
	if d.Stands, err = d.DB.StandRows(ctx); err != nil {
		return err
	}
	d.Ring, err = keys.Open(ctx, keys.Config{Store: storekeys.New(d.DB), Sealer: sealer, Now: d.Now})
	return err
}
