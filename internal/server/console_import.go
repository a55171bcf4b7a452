package server

import (
	"context"
	"path/filepath"

	"propusk/internal/authority"
	"propusk/internal/console/intake"
	"propusk/internal/imports"
	"propusk/internal/server/operation"
	files "propusk/internal/server/operation/intake"
	storeimports "propusk/internal/store/imports"
)

// importer imports the files that users upload, as the operator's commands
// import those of their disk.
type importer struct {
	table  *operation.Table
	jobs   *imports.Service
	folder string // of files on their way
}

var _ intake.Importer = importer{}

// openImports makes what imports files that users upload.
func (s *Server) openImports(ctx context.Context) (out importer, err error) {
	out = importer{table: s.data.Operations(), folder: filepath.Join(s.data.Config.Data, "incoming")}
	if err := imports.ClearSpools(out.folder); err != nil {
		return out, err
	}
	s.imports, err = imports.Open(ctx, imports.Config{Store: storeimports.New(s.data.DB), Now: s.data.Now, Logger: s.data.Log})
	out.jobs = s.imports
	return out, err
}

// stopImports cuts off what is being imported, and waits until that is noted.
func (s *Server) stopImports() {
	if s.imports != nil {
		s.imports.Close()
	}
}

// Job implements intake.Importer.
func (i importer) Job(ctx context.Context, c authority.Caller, id authority.ID) (imports.Job, error) {
	return i.jobs.Job(ctx, c.Account().ID, id)
}

// Jobs implements intake.Importer.
func (i importer) Jobs(ctx context.Context, c authority.Caller, k imports.Kind, size int) ([]imports.Job, error) {
	return i.jobs.Jobs(ctx, c.Account().ID, k, size)
}

// Columns implements intake.Importer.
func (importer) Columns(k imports.Kind) []string {
	var names []string
	for _, c := range files.Columns(k) {
		if k != imports.Credentials || c.Name != "account" {
			names = append(names, c.Name)
		}
	}
	return names
}

// Import implements intake.Importer.
func (i importer) Import(ctx context.Context, c authority.Caller, u intake.Upload) (imports.Job, <-chan struct{}, error) {
	release, err := i.jobs.Reserve(c.Account().ID)
	if err != nil {
		return imports.Job{}, nil, err
	}
	file, err := imports.NewSpool(ctx, i.folder, u.File)
	if err != nil {
		release()
		return imports.Job{}, nil, err
	}
	let := func() { _ = file.Close(); release() } // its name has left; there is nothing to save
	rows := &files.Upload{Kind: u.Kind, Try: u.Try, Replace: u.Replace, Caller: c, Renew: u.Renew, As: i.table.As}
	if err := rows.Open(file); err != nil {
		let()
		return imports.Job{}, nil, err
	}
	j := imports.Job{
		Account: c.Account().ID, Principal: c.Principal().ID, Kind: u.Kind, File: u.Name, Size: file.Size(), Try: u.Try, Replace: u.Replace,
	}
	started, done, err := i.jobs.Start(ctx, j, func(ctx context.Context, note func(imports.Report)) (imports.Report, error) {
		defer let()
		return rows.Load(ctx, note)
	})
	if err != nil {
		let()
	}
	return started, done, err
}
